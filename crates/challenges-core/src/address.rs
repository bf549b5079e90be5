//! Origins and URIs that come from outside, parsed once and compared exactly.

mod http_uri;

pub(crate) use http_uri::{Host, HttpUri};

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::Invalid;

const MAX_URI: usize = 2_048;

/// What RFC 3986 has nowhere in a URI, and text around a link may give a meaning to.
const FOREIGN: &AsciiSet = &CONTROLS.add(b'"').add(b'<').add(b'>').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');
/// All but what RFC 3986 calls unreserved.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

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
        let uri = HttpUri::parse(text, MAX_URI).ok_or(Invalid::Origin)?;
        if uri.origin() == text { Ok(Self(text.to_owned())) } else { Err(Invalid::Origin) }
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
    /// Where what names the resource begins in the text.
    rest: usize,
    origin: Origin,
}

impl ResponseUri {
    /// The URI as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// The URI with these parameters added to those that it has.
    pub(crate) fn with_parameters(&self, parameters: &[(&str, &str)]) -> Zeroizing<String> {
        let (base, fragment) = self.text.split_at(self.text.find('#').unwrap_or(self.text.len()));
        let (site, rest) = base.split_at_checked(self.rest).unwrap_or((base, ""));
        // Room for all of it escaped, so that growing leaves no copy of a secret behind.
        let added: usize = parameters.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut link = Zeroizing::new(String::with_capacity(3 * self.text.len() + added));
        link.push_str(site);
        if !rest.starts_with('/') {
            link.push('/');
        }
        link.extend(utf8_percent_encode(rest, FOREIGN));
        let mut separator = match rest.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        for (name, value) in parameters {
            link.push_str(separator);
            link.extend(utf8_percent_encode(name, RESERVED));
            link.push('=');
            link.extend(utf8_percent_encode(value, RESERVED));
            separator = "&";
        }
        link.extend(utf8_percent_encode(fragment, FOREIGN));
        link
    }
}

impl FromStr for ResponseUri {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uri = HttpUri::parse(text, MAX_URI).ok_or(Invalid::ResponseUri)?;
        Ok(Self { text: text.to_owned(), rest: text.len() - uri.rest.len(), origin: Origin(uri.origin()) })
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
    HttpUri::parse(text, max).is_some()
}

#[cfg(test)]
mod tests;
