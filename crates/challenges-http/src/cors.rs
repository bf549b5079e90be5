//! Cross-origin requests (Fetch standard, section 3.2). Disabled unless the host configures origins.

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

/// The origins of pages that may read and answer challenges.
#[derive(Debug)]
pub(crate) struct Cors(BTreeSet<Origin>);

impl Cors {
    pub(crate) const fn new(origins: BTreeSet<Origin>) -> Self {
        Self(origins)
    }

    /// Returns the response to a preflight request, if its origin and method are allowed.
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

    /// Adds the CORS headers for an allowed origin, if the resource and method are open to other origins.
    pub(crate) fn mark(&self, resource: Resource, head: &Parts, response: &mut Response) {
        let Some(methods) = methods(resource).filter(|_| !self.0.is_empty()) else { return };
        response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
        let open = head.method == Method::OPTIONS || methods.split(", ").any(|method| method == head.method.as_str());
        if let Some(origin) = self.allowed(&head.headers).filter(|_| open) {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
    }

    /// Returns the `Origin` header of a request if that origin is allowed.
    fn allowed<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let value = headers.get(ORIGIN)?;
        let origin: Origin = value.to_str().ok()?.parse().ok()?;
        self.0.contains(&origin).then_some(value)
    }
}

/// Returns the methods of a resource that other origins may use. These need no credentials but the challenge's id.
const fn methods(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Challenge => Some("GET"),
        Resource::Answers => Some("GET, POST"),
        _ => None,
    }
}
