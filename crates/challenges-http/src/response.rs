use bytes::Bytes;
use challenges_core::Error;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use crate::fault::Fault;
use crate::wire::ErrorMessage;

/// A response of the API. The body is JSON, or empty for 204.
pub type Response = http::Response<Full<Bytes>>;

const STEP_UP_HINT: &str = r#"Bearer error="insufficient_user_authentication""#;

/// Returns a response with a JSON body.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Fault> {
    let body = serde_json::to_vec(value).map_err(|_| Fault::Broken)?;
    let mut response = bare(status, body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

pub(crate) fn no_content() -> Response {
    bare(StatusCode::NO_CONTENT, Bytes::new())
}

/// Returns the response to a failed request.
///
/// Faults of the same kind give identical responses, including headers. No response has `Retry-After`, because clients
/// would then silently send a secret again.
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
        // RFC 9470 section 3.
        Fault::StepUpNeeded { max_age, acr_values } => {
            let acr_values = acr_values.map(|value| format!(r#", acr_values="{value}""#)).unwrap_or_default();
            let hint = format!(r#"{STEP_UP_HINT}{acr_values}, max_age="{max_age}""#);
            if let Ok(hint) = HeaderValue::try_from(hint) {
                headers.insert(WWW_AUTHENTICATE, hint);
            }
        }
        Fault::Core(Error::StepUp(_)) => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(STEP_UP_HINT));
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

/// Returns a redirection to another page of the same origin.
pub(crate) fn see_other(location: HeaderValue) -> Response {
    let mut response = bare(StatusCode::SEE_OTHER, Bytes::new());
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Returns a response with the headers that all responses share. Any response can contain a secret, so caches must not
/// store it, and its URL must not leak in a `Referer` header.
fn bare(status: StatusCode, body: Bytes) -> Response {
    let mut response = http::Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
