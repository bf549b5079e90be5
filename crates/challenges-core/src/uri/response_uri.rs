use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{HttpUri, MAX_URI, Origin};
use crate::error::Invalid;

/// Characters outside of RFC 3986. Text around a link may give them a meaning.
const FOREIGN: &AsciiSet = &CONTROLS.add(b'"').add(b'<').add(b'>').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// All characters but the unreserved ones of RFC 3986 section 2.3.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The answer page of a challenge: the base of the link in messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseUri {
    text: String,
    /// The offset of path, query and fragment in the text.
    rest: usize,
    origin: Origin,
}

impl ResponseUri {
    /// Returns the URI as given.
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

    /// Returns the URI with parameters appended to the query, and others to the fragment. A fragment of the URI itself,
    /// such as the route `#/answer`, gets a query of its own.
    pub(crate) fn with_parameters(&self, query: &[(&str, &str)], hidden: &[(&str, &str)]) -> Zeroizing<String> {
        let (base, fragment) = self.text.split_at(self.text.find('#').unwrap_or(self.text.len()));
        let (site, rest) = base.split_at_checked(self.rest).unwrap_or((base, ""));
        // Capacity for everything escaped, so that growing leaves no copy of a secret behind.
        let added: usize = query.iter().chain(hidden).map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut link = Zeroizing::new(String::with_capacity(3 * self.text.len() + added));
        link.push_str(site);
        if !rest.starts_with('/') {
            link.push('/');
        }
        link.extend(utf8_percent_encode(rest, FOREIGN));
        let separator = match rest.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        append(&mut link, separator, query);
        link.extend(utf8_percent_encode(fragment, FOREIGN));
        let separator = match fragment.split_once('?') {
            _ if fragment.is_empty() => "#",
            None => "?",
            Some(_) => "&",
        };
        append(&mut link, separator, hidden);
        link
    }
}

/// Appends parameters, the first after the separator and the others after `&`.
fn append(link: &mut String, separator: &str, parameters: &[(&str, &str)]) {
    let mut separator = separator;
    for (name, value) in parameters {
        link.push_str(separator);
        link.extend(utf8_percent_encode(name, RESERVED));
        link.push('=');
        link.extend(utf8_percent_encode(value, RESERVED));
        separator = "&";
    }
}

impl FromStr for ResponseUri {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uri = HttpUri::parse(text, MAX_URI).ok_or(Invalid::ResponseUri)?;
        Ok(Self { text: text.to_owned(), rest: text.len() - uri.rest.len(), origin: Origin::of(&uri) })
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
