use std::str::FromStr;

use bytes::Bytes;
use challenges_core::{Error, Secret};
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::body;
use crate::fault::Fault;
use crate::principal::Principal;
use crate::query::Query;

/// The parts of a request that operations read.
pub(crate) struct Call {
    /// The percent-decoded id in the path.
    pub(crate) id: Option<String>,
    /// The caller, if the operation uses a bearer token and the request has a valid one.
    pub(crate) principal: Option<Principal>,
    /// The step-up token of the user, unverified.
    pub(crate) step_up: Option<Secret>,
    /// The name of the operation in the API.
    pub(crate) operation_id: &'static str,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
}

/// The header with the step-up token of a user who changes factors.
pub(crate) const STEP_UP: &str = "challenges-step-up";

/// Returns the step-up token of a request with exactly one such header.
pub(crate) fn step_up(headers: &HeaderMap) -> Option<Secret> {
    let mut values = headers.get_all(STEP_UP).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok().map(Secret::from)
}

impl Call {
    /// Returns the id in the path. A malformed id is reported as not found.
    pub(crate) fn id<T: FromStr>(&self) -> Result<T, Fault> {
        let id = self.id.as_deref().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Error::NotFound.into())
    }

    pub(crate) fn principal(&self) -> Result<&Principal, Fault> {
        self.principal.as_ref().ok_or(Fault::Unauthorized)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        body::parse(&self.body)
    }
}
