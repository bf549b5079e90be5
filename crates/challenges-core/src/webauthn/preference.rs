use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::credential::Credential;
use crate::error::Invalid;

/// Whether the authenticator is to verify its user, by PIN or biometrics (WebAuthn section 5.8.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// It has to, whenever the credential is made or used.
    Required,
    /// It should where it can; a credential that was made with it is never used without it.
    Preferred,
    /// It should not be asked to.
    #[default]
    Discouraged,
}

impl UserVerification {
    /// Its name in the API and in WebAuthn.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }

    /// Whether a use of that credential needs the authenticator to have verified its user (section 7.2 step 17).
    #[must_use]
    pub const fn is_needed(self, credential: &Credential) -> bool {
        match self {
            Self::Required => true,
            Self::Preferred => credential.user_verified,
            Self::Discouraged => false,
        }
    }
}

impl FromStr for UserVerification {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let all = [Self::Required, Self::Preferred, Self::Discouraged];
        all.into_iter().find(|it| it.as_str() == text).ok_or(Invalid::UserVerification)
    }
}

/// How much an authenticator is to tell of its make (WebAuthn section 5.4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttestationConveyance {
    /// Nothing.
    None,
    /// As much as the browser sees fit.
    Indirect,
    /// The statement as the authenticator makes it.
    Direct,
}

impl AttestationConveyance {
    /// Its name in the API and in WebAuthn.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Indirect => "indirect",
            Self::Direct => "direct",
        }
    }
}

impl FromStr for AttestationConveyance {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let all = [Self::None, Self::Indirect, Self::Direct];
        all.into_iter().find(|it| it.as_str() == text).ok_or(Invalid::AttestationConveyance)
    }
}

/// How a browser can talk to an authenticator (WebAuthn section 5.8.4). It is a hint for later ceremonies, no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// It is part of the device.
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
    /// Its name in the API and in WebAuthn.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Ble => "ble",
            Self::Nfc => "nfc",
            Self::Usb => "usb",
            Self::Cable => "cable",
            Self::Hybrid => "hybrid",
        }
    }

    /// Those of the names that the API knows, each once. Browsers may send others, which hint at nothing here.
    pub fn known<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let all = [Self::Internal, Self::Ble, Self::Nfc, Self::Usb, Self::Cable, Self::Hybrid];
        let mut known = Vec::new();
        for name in names {
            if let Some(transport) = all.into_iter().find(|it| it.as_str() == name)
                && !known.contains(&transport)
            {
                known.push(transport);
            }
        }
        known
    }
}
