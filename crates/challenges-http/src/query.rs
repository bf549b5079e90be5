use std::borrow::Cow;
use std::collections::BTreeMap;

use challenges_core::Invalid;
use percent_encoding::percent_decode_str;

use crate::fault::Fault;

/// The query parameters of all operations.
const KNOWN: [&str; 7] =
    ["allowed", "challenge_answer", "challenge_type", "challenge_uid", "limit", "number_match", "user_id"];

/// The known parameters of a query, each at most once. Not `Debug`, because the values can be secrets.
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// Parses `application/x-www-form-urlencoded` pairs: `+` is a space, other characters are percent-encoded UTF-8.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parameters = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // Unknown parameters may be malformed or repeated: mail and chat services append their own to links.
            let Ok(name) = decode(name) else { continue };
            if KNOWN.contains(&name.as_str()) && parameters.insert(name, decode(value)?).is_some() {
                return Err(Fault::RepeatedParameter);
            }
        }
        Ok(Self(parameters))
    }

    /// Returns an optional parameter. An empty value counts as absent, as in bodies, because forms send empty fields.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.find_even_empty(name).filter(|value| !value.is_empty())
    }

    /// Returns an optional parameter. An empty value counts as present: the id of a user narrows an operation to that
    /// user, and a caller that lost the id must not reach every user.
    pub(crate) fn find_even_empty(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn require(&self, name: &'static str) -> Result<&str, Fault> {
        self.find_even_empty(name).ok_or(Fault::MissingParameter { name })
    }

    /// Returns a boolean, case-insensitively: Python clients send `True`.
    pub(crate) fn require_bool(&self, name: &'static str) -> Result<bool, Fault> {
        let text = self.require(name)?;
        match text {
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(Fault::NotABoolean { name }),
        }
    }

    /// Returns `limit`: 1 to 500, by default 500.
    pub(crate) fn limit(&self) -> Result<usize, Fault> {
        let Some(text) = self.find("limit") else { return Ok(500) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text.parse().ok().filter(|limit| digits && (1..=500).contains(limit));
        limit.ok_or_else(|| Invalid::Limit.into())
    }
}

fn decode(text: &str) -> Result<String, Fault> {
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| Fault::QueryNotUtf8)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests;
