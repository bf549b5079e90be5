use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use crate::uri::{Host, Origin};

/// The id of a relying party (Web Authentication Level 3, section 5.1.2): the domain of the credentials, such as
/// `example.org`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RelyingPartyId(String);

impl RelyingPartyId {
    /// Returns the domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the origin `https://` followed by the domain.
    #[must_use]
    pub fn https_origin(&self) -> Origin {
        Origin::https(&self.0)
    }
}

impl FromStr for RelyingPartyId {
    type Err = Invalid;

    /// Parses a domain in the form of browsers: lower case and ASCII, without scheme, port or trailing dot.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        match Host::parse(text) {
            Some(Host::Domain(domain)) if domain == text && !text.ends_with('.') => Ok(Self(domain)),
            _ => Err(Invalid::RelyingParty),
        }
    }
}

impl TryFrom<String> for RelyingPartyId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl fmt::Display for RelyingPartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
