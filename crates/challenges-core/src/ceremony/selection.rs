use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

/// The requirement on a discoverable credential (Web Authentication Level 3, section 5.4.6): a passkey, stored with the
/// account in the authenticator.
#[derive(Clone, Copy, Debug, Default, Display, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "the values of the standard")]
pub enum ResidentKey {
    /// Required. The browser refuses authenticators without room for the credential.
    Required,
    /// Requested. Password managers then offer to store the credential, often with a backup.
    #[default]
    Preferred,
    /// Not requested. Android then offers no password manager, and the credential is lost with the device.
    Discouraged,
}

impl ResidentKey {
    /// Returns the name in WebAuthn.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

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
