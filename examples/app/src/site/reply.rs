use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, SET_COOKIE};
use http::{HeaderValue, Response, StatusCode};
use maud::Markup;
use serde::Serialize;

use crate::asset::Asset;
use crate::problem::Problem;

/// Security headers of all responses: only the demo's own scripts, styles and images, no framing, no referrer.
const PROTECTION: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// A response of the site.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    media_type: &'static str,
    caching: &'static str,
    cookies: Vec<String>,
    body: Bytes,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

/// An error in the form of the API.
#[derive(Serialize)]
struct ErrorMessage<'a> {
    error_message: &'a str,
}

impl Reply {
    pub(crate) fn page(status: StatusCode, page: Markup) -> Self {
        Self::new(status, "text/html; charset=utf-8", page.into_string())
    }

    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => Self::new(status, "application/json", text),
            Err(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "application/json", "{}"),
        }
    }

    /// Returns a success message for the user.
    pub(crate) fn done(message: &str) -> Self {
        Self::json(StatusCode::OK, &Message { message })
    }

    pub(crate) fn problem(problem: &Problem) -> Self {
        Self::json(problem.status(), &ErrorMessage { error_message: &problem.to_string() })
    }

    pub(crate) fn asset(asset: Asset) -> Self {
        Self { caching: "no-cache", ..Self::new(StatusCode::OK, asset.media_type, asset.text) }
    }

    pub(crate) fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.caching));
        for (name, value) in PROTECTION {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        for cookie in self.cookies.into_iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
            headers.append(SET_COOKIE, cookie);
        }
        response
    }

    fn new(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, media_type, caching: "no-store", cookies: Vec::new(), body: body.into() }
    }
}
