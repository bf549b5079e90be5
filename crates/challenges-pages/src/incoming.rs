//! A request to a page.

use bytes::Bytes;
use challenges_core::Owner;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The parts of a request that handlers read.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// The user of the host's session, if signed in.
    pub(crate) user: Option<Owner>,
    /// The percent-decoded id in the path, or an empty text.
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path below the prefix, still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    /// Returns the signed-in user.
    pub(crate) fn user(&self) -> Result<&Owner, Problem> {
        self.user.as_ref().ok_or(Problem::SignedOut)
    }

    /// Returns the id in the path. A malformed id is reported as not found.
    pub(crate) fn id<T: std::str::FromStr>(&self) -> Result<T, Problem> {
        self.id.parse().map_err(|_| Problem::NoSuchPage)
    }

    /// Returns the fields of the form, or the members of the JSON object.
    pub(crate) fn form<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.header(CONTENT_TYPE.as_str()).starts_with("application/json") {
            return serde_json::from_slice(&self.body).map_err(|_| Problem::Malformed);
        }
        serde_urlencoded::from_bytes(&self.body).map_err(|_| Problem::Malformed)
    }

    /// Returns the parameters in the query.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_urlencoded::from_str(&self.query).map_err(|_| Problem::Malformed)
    }

    /// Returns a header, or an empty text if absent or not text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
