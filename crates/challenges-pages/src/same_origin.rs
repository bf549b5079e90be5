//! Protection against cross-site request forgery.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};

/// Returns whether no other site caused the request.
///
/// Browsers send `Sec-Fetch-Site` to https and localhost addresses, and `Origin` with every form. A request with neither
/// header does not come from a browser, and so carries no cookies for an attacker to abuse.
pub(crate) fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    headers.get(ORIGIN).is_none_or(|sent| sent == origin)
}

/// Logs a form that was sent from another origin than the one of the pages, although the browser calls the request
/// same-origin. The application then runs at another address than `Pages::builder` was told, where browsers drop the
/// cookies of the pages, or passkeys are refused.
pub(crate) fn report_other_origin(headers: &HeaderMap, configured: &str) {
    if let Some(actual) = other_origin(headers, configured) {
        tracing::warn!(
            actual,
            configured,
            "the browser shows the application at another origin than Pages::builder was told; open the configured origin, or change the setting"
        );
    }
}

fn other_origin<'h>(headers: &'h HeaderMap, configured: &str) -> Option<&'h str> {
    let is_own = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    let actual = headers.get(ORIGIN).filter(|_| is_own).map(HeaderValue::to_str)?.ok()?;
    (actual != configured && actual != "null").then_some(actual)
}

#[cfg(test)]
mod tests;
