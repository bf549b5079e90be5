//! Cross-origin requests (the Fetch standard, section 3.2): off unless the host names origins.

use std::collections::BTreeSet;

use challenges_core::Origin;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use crate::response::{self, Response};
use crate::route::Resource;

/// The origins whose pages may read and answer challenges.
#[derive(Debug)]
pub(crate) struct Cors(BTreeSet<Origin>);

impl Cors {
    pub(crate) const fn new(origins: BTreeSet<Origin>) -> Self {
        Self(origins)
    }

    /// The answer to a preflight request of an origin on the list, for a method that is open to it.
    pub(crate) fn preflight(&self, resource: Resource, head: &Parts) -> Option<Response> {
        if head.method != Method::OPTIONS {
            return None;
        }
        self.allowed(&head.headers)?;
        let methods = methods(resource)?;
        let asked = head.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?.to_str().ok()?;
        methods.split(", ").find(|method| *method == asked)?;
        let mut response = response::no_content();
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        Some(response)
    }

    /// Lets an origin on the list read the response, where the resource is open to it.
    pub(crate) fn mark(&self, resource: Resource, head: &Parts, response: &mut Response) {
        let Some(methods) = methods(resource).filter(|_| !self.0.is_empty()) else { return };
        response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
        let open = head.method == Method::OPTIONS || methods.split(", ").any(|method| method == head.method.as_str());
        if let Some(origin) = self.allowed(&head.headers).filter(|_| open) {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
    }

    /// The origin of a request, when it is on the list.
    fn allowed<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let value = headers.get(ORIGIN)?;
        let origin: Origin = value.to_str().ok()?.parse().ok()?;
        self.0.contains(&origin).then_some(value)
    }
}

/// What other origins may do with a resource. Only what takes no credentials but the challenge's id.
const fn methods(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Challenge => Some("GET"),
        Resource::Answers => Some("GET, POST"),
        _ => None,
    }
}
