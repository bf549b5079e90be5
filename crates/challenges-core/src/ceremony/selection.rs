use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

/// The attachment of an authenticator to the device (Web Authentication Level 3, section 5.4.5).
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "the values of the standard")]
pub enum AuthenticatorAttachment {
    /// Part of the device, such as Windows Hello or Touch ID.
    Platform,
    /// Removable or remote, such as a security key or a phone.
    CrossPlatform,
}

impl AuthenticatorAttachment {
    /// Returns the name in WebAuthn.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A kind of authenticator for the browser to offer first (Web Authentication Level 3, section 5.8.7). Unlike an
/// [`AuthenticatorAttachment`], a hint excludes no authenticator.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "the values of the standard")]
pub enum AuthenticatorHint {
    /// A security key.
    SecurityKey,
    /// The authenticator of the device.
    ClientDevice,
    /// A phone, found by a QR code.
    Hybrid,
}

impl AuthenticatorHint {
    /// Returns the name in WebAuthn.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
