use std::str::FromStr;

use bytes::Bytes;
use challenges_core::Error;
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
    pub(crate) query: Query,
    pub(crate) body: Bytes,
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
