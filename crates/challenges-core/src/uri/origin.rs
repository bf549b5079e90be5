use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{HttpUri, MAX_URI};
use crate::error::Invalid;

/// A web origin (RFC 6454): scheme, host and, unless default, port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(String);

impl Origin {
    /// Returns the origin as browsers write origins.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the https origin of a domain, given as URLs hold the domain.
    pub(crate) fn https(domain: &str) -> Self {
        Self(format!("https://{domain}"))
    }

    /// Returns the origin of a URI.
    pub(super) fn of(uri: &HttpUri<'_>) -> Self {
        Self(uri.origin())
    }
}

impl FromStr for Origin {
    type Err = Invalid;

    /// Parses `https://host` or `https://host:port`, as browsers write origins. Any other text, even with a trailing
    /// slash only, is [`Invalid::Origin`].
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uri = HttpUri::parse(text, MAX_URI).ok_or(Invalid::Origin)?;
        let origin = Self::of(&uri);
        if origin.as_str() == text { Ok(origin) } else { Err(Invalid::Origin) }
    }
}

impl TryFrom<String> for Origin {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
