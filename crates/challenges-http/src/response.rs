use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use crate::fault::Fault;
use crate::wire::ErrorMessage;

/// What the API answers: JSON, except where there is no content.
pub type Response = http::Response<Full<Bytes>>;

/// A value as JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Fault> {
    let body = serde_json::to_vec(value).map_err(|_| Fault::Broken)?;
    let mut response = bare(status, body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

pub(crate) fn no_content() -> Response {
    bare(StatusCode::NO_CONTENT, Bytes::new())
}

/// What a fault looks like from outside. Faults of the same kind differ in nothing, headers included. No `Retry-After`,
/// ever: clients would silently send a secret again.
pub(crate) fn refusal(fault: &Fault) -> Response {
    fault.report();
    let status = fault.status();
    let message = ErrorMessage { error_code: fault.code(), error_message: fault.to_string() };
    let mut response = json(status, &message).unwrap_or_else(|_| bare(status, Bytes::new()));
    let headers = response.headers_mut();
    match fault {
        Fault::Unauthorized | Fault::SignedOut => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Fault::StepUpNeeded { max_age } => {
            // RFC 9470 section 3.
            let hint = format!(r#"Bearer error="insufficient_user_authentication", max_age="{max_age}""#);
            if let Ok(hint) = HeaderValue::try_from(hint) {
                headers.insert(WWW_AUTHENTICATE, hint);
            }
        }
        Fault::Method(resource) => {
            if let Ok(allow) = HeaderValue::try_from(resource.allow()) {
                headers.insert(ALLOW, allow);
            }
        }
        _ => {}
    }
    response
}

/// Every response may hold a secret or be about one, so none is kept by a cache and none names itself to other sites.
fn bare(status: StatusCode, body: Bytes) -> Response {
    let mut response = http::Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
