//! Protection against cross-site request forgery.

use http::HeaderMap;
use http::header::ORIGIN;

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
