//! Origins and URIs that come from outside, parsed once and compared exactly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use crate::error::Invalid;

const MAX_URI: usize = 2_048;

/// The parsed form of an http(s) URL that is written plainly: nothing that a lenient parser would strip or turn round.
fn parse_http(text: &str, max: usize) -> Option<Url> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if text.len() > max || !text.bytes().all(plain) || !(text.starts_with("https://") || text.starts_with("http://")) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let authority = text.split('/').nth(2)?;
    let anonymous = url.username().is_empty() && url.password().is_none() && !authority.contains('@');
    (anonymous && url.has_host() && !authority.is_empty()).then_some(url)
}

/// A web origin (RFC 6454): scheme, host and, unless it is the default one, port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(String);

impl Origin {
    /// The origin as text, as browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// That of a domain in the form in which URLs hold it.
    pub(crate) fn https(domain: &str) -> Self {
        Self(format!("https://{domain}"))
    }
}

impl FromStr for Origin {
    type Err = Invalid;

    /// Reads `https://host` or `https://host:port`, as browsers write it; anything else, be it a trailing slash, is
    /// [`Invalid::Origin`].
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url = parse_http(text, MAX_URI).ok_or(Invalid::Origin)?;
        let exact = url.origin().ascii_serialization() == text;
        if exact { Ok(Self(text.to_owned())) } else { Err(Invalid::Origin) }
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

/// The page that a user opens to answer: the base of the link that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseUri {
    text: String,
    url: Url,
}

impl ResponseUri {
    /// The URI as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The URI with these parameters added to those that it has.
    pub(crate) fn with_parameters(&self, parameters: &[(&str, &str)]) -> Zeroizing<String> {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        Zeroizing::new(url.into())
    }
}

impl FromStr for ResponseUri {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url = parse_http(text, MAX_URI).ok_or(Invalid::ResponseUri)?;
        Ok(Self { text: text.to_owned(), url })
    }
}

impl TryFrom<String> for ResponseUri {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<ResponseUri> for String {
    fn from(uri: ResponseUri) -> Self {
        uri.text
    }
}

/// Whether `text` is an absolute http(s) URI of at most `max` characters.
pub(crate) fn is_http_uri(text: &str, max: usize) -> bool {
    parse_http(text, max).is_some()
}

#[cfg(test)]
mod tests;
