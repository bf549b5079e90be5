use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::error::Invalid;

/// The make and model of an authenticator (Web Authentication Level 3, section 6.5.1), written like a UUID. All zero if
/// the authenticator does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Aaguid(Uuid);

impl Aaguid {
    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl From<[u8; 16]> for Aaguid {
    fn from(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl FromStr for Aaguid {
    type Err = Invalid;

    /// Parses 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, with hyphens between the groups.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse::<Hyphenated>().map(|parsed| Self(parsed.into_uuid())).map_err(|_| Invalid::Aaguid)
    }
}

impl TryFrom<String> for Aaguid {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Aaguid> for String {
    fn from(aaguid: Aaguid) -> Self {
        aaguid.to_string()
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.as_hyphenated(), f)
    }
}
