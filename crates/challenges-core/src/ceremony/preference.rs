use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use crate::error::Invalid;

/// The requirement on user verification, by PIN or biometrics (Web Authentication Level 3, section 5.8.6).
#[derive(
    Clone, Copy, Debug, Default, Display, EnumString, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = Invalid,
    parse_err_fn = unknown_user_verification
)]
#[expect(clippy::exhaustive_enums, reason = "the values of the standard")]
pub enum UserVerification {
    /// Required at registration and at every use.
    Required,
    /// Requested. A credential registered with user verification needs verification at every use. The exception is a
    /// challenge that also admits a credential of the same relying party registered without: the browser is then told
    /// that verification is optional.
    Preferred,
    /// Not requested.
    #[default]
    Discouraged,
}

impl UserVerification {
    /// Returns the name in the API and in WebAuthn.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

fn unknown_user_verification(_: &str) -> Invalid {
    Invalid::UserVerification
}

/// The attestation to request from an authenticator (Web Authentication Level 3, section 5.4.7).
#[derive(Clone, Copy, Debug, Display, EnumString, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = Invalid,
    parse_err_fn = unknown_attestation_conveyance
)]
#[expect(clippy::exhaustive_enums, reason = "the values of the API")]
pub enum AttestationConveyance {
    /// No attestation.
    None,
    /// An attestation that the browser may replace.
    Indirect,
    /// The attestation of the authenticator, unchanged.
    Direct,
}

impl AttestationConveyance {
    /// Returns the name in the API and in WebAuthn.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

fn unknown_attestation_conveyance(_: &str) -> Invalid {
    Invalid::AttestationConveyance
}

/// A way for a browser to reach an authenticator (Web Authentication Level 3, section 5.8.4): a hint for later
/// ceremonies.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, Hash, IntoStaticStr, VariantArray, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "the values of the API")]
pub enum Transport {
    /// Part of the device.
    Internal,
    /// Bluetooth Low Energy.
    Ble,
    /// Near field communication.
    Nfc,
    /// USB.
    Usb,
    /// The former name of `hybrid`.
    Cable,
    /// Another device, found by a QR code and proximity.
    Hybrid,
}

impl Transport {
    /// Returns the name in the API and in WebAuthn.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the transports with these names, without duplicates. An unknown name, such as `smart-card`, empties the
    /// list: browsers try only the listed transports, so a partial list could hide the authenticator.
    pub fn known<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut known = Vec::new();
        for name in names {
            match Self::VARIANTS.iter().find(|transport| transport.as_str() == name) {
                None => return Vec::new(),
                Some(transport) if known.contains(transport) => {}
                Some(transport) => known.push(*transport),
            }
        }
        known
    }
}
