//! The bodies of requests from the scripts.

use bytes::Bytes;
use challenges_core::{Description, Secret};
use http::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
}

impl Code {
    /// Returns the code without spaces.
    pub(super) fn secret(&self) -> Secret {
        Secret::from_typed(&self.code)
    }
}

#[derive(Deserialize)]
pub(super) struct Number {
    pub(super) number: String,
}

#[derive(Deserialize)]
pub(super) struct Name {
    pub(super) name: String,
}

/// The URL of the push subscription that a new one replaces, beside the new one.
#[derive(Deserialize)]
pub(super) struct Renewal {
    #[serde(default)]
    pub(super) replaces: Option<String>,
}

/// The URL of a push subscription.
#[derive(Deserialize)]
pub(super) struct Subscribed {
    pub(super) endpoint: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct About {
    about: String,
}

pub(super) fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Problem> {
    serde_json::from_slice(request.body()).map_err(|_| Problem::Malformed)
}

/// Returns the description of an approval, if given.
pub(super) fn about(request: &Request<Bytes>) -> Result<Option<Description>, Problem> {
    if request.body().is_empty() {
        return Ok(None);
    }
    let About { about } = body::<Option<About>>(request)?.unwrap_or_default();
    match about.trim() {
        "" => Ok(None),
        about => Ok(Some(about.parse()?)),
    }
}

/// Returns the body as text: the JSON of a WebAuthn credential, to be parsed by the library.
pub(super) fn text(request: &Request<Bytes>) -> Result<&str, Problem> {
    std::str::from_utf8(request.body()).map_err(|_| Problem::Malformed)
}
