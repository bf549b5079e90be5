use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use crate::error::Invalid;

/// A preference of the host, for one of two things: user verification by PIN or biometrics (Web Authentication Level 3,
/// section 5.8.6), or a discoverable credential (section 5.4.6). The latter is a passkey, stored with the account in
/// the authenticator.
#[derive(Clone, Copy, Debug, Display, EnumString, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = Invalid,
    parse_err_fn = unknown_user_verification
)]
#[expect(clippy::exhaustive_enums, reason = "the values of the standard")]
pub enum Preference {
    /// Required.
    Required,
    /// Requested.
    Preferred,
    /// Not requested.
    Discouraged,
}

impl Preference {
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
