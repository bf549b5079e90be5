use challenges_core::Purpose;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use url::form_urlencoded::Serializer;

use crate::response::{self, Response};

/// The treatment of requests without step-up. For adapters. Default: send the 401 of the gate.
#[derive(Clone, Debug, Default)]
pub struct StepUpFallback(Fallback);

#[derive(Clone, Debug, Default)]
enum Fallback {
    #[default]
    Refuse,
    Redirect(String),
    Continue,
}

impl StepUpFallback {
    /// Redirects navigations of browsers to a page where the user passes a challenge. All other requests get the 401.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidStepUpPath`] unless `path` starts with a single `/` and has visible ASCII characters without
    /// `?`, `#` and `\`.
    pub fn redirect(path: impl Into<String>) -> Result<Self, InvalidStepUpPath> {
        let path = path.into();
        let plain = path.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains(['?', '#']);
        if plain && is_relative(&path) { Ok(Self(Fallback::Redirect(path))) } else { Err(InvalidStepUpPath) }
    }

    /// Lets requests continue without step-up.
    #[must_use]
    pub const fn optional() -> Self {
        Self(Fallback::Continue)
    }

    /// Returns whether a request that the gate refused continues without step-up. Failures of the store never do.
    #[must_use]
    pub fn continues(&self, refused: &Response) -> bool {
        matches!(self.0, Fallback::Continue) && refused.status() == StatusCode::UNAUTHORIZED
    }

    /// Returns the response to a request that a gate for `purpose` refused. `target` is the request target before any
    /// prefix is stripped.
    #[must_use]
    pub fn respond(
        &self,
        refused: Response,
        purpose: &Purpose,
        method: &Method,
        target: &Uri,
        headers: &HeaderMap,
    ) -> Response {
        match &self.0 {
            Fallback::Redirect(page) if refused.status() == StatusCode::UNAUTHORIZED => {
                let location = is_navigation(method, headers).then(|| location(page, purpose, target)).flatten();
                location.map_or(refused, response::see_other)
            }
            _ => refused,
        }
    }
}

/// The error for an invalid path of a step-up page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "the path of a step-up page must start with a single '/' and have visible ASCII characters without '?', '#' and '\\'"
)]
pub struct InvalidStepUpPath;

/// Returns the URL of the page with the `purpose`, and with the target as `return_to`. Returns `None` for a target at
/// another origin, and for the page itself, because the redirection would never end.
fn location(page: &str, purpose: &Purpose, target: &Uri) -> Option<HeaderValue> {
    let return_to = target.path_and_query()?.as_str();
    if target.path() == page || !is_relative(return_to) {
        return None;
    }
    let start = format!("{page}?");
    let length = start.len();
    let location = Serializer::for_suffix(start, length)
        .append_pair("purpose", purpose.as_str())
        .append_pair("return_to", return_to)
        .finish();
    HeaderValue::try_from(location).ok()
}

/// Returns whether browsers resolve the text to a URL of the same origin. Browsers treat `\` as `/`.
fn is_relative(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && !text.contains('\\')
}

fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let reads = *method == Method::GET || *method == Method::HEAD;
    // Older browsers do not send the header.
    let navigates = headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    reads && navigates && accepts_html(headers)
}

/// Returns whether the request accepts `text/html` by that name. `*/*` is what `fetch` and command line clients send.
fn accepts_html(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let html = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("text/html"));
        html && !parts.any(|parameter| {
            let quality = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
            quality.and_then(|quality| quality.parse::<f32>().ok()).is_some_and(|quality| quality <= 0.0)
        })
    })
}

#[cfg(test)]
mod tests;
