//! Whether a request that changes something comes from the demo's own pages.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Whether no other site made the browser send it. Browsers say so in `Sec-Fetch-Site` where the address is https or
/// localhost, and name the `Origin` everywhere; a request with neither is not a browser's, and carries no cookies that
/// somebody else could abuse.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_origin: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority.as_bytes());
    let host = headers.get(HOST).map(http::HeaderValue::as_bytes);
    origin == public_origin || (authority.is_some() && authority == host)
}

#[cfg(test)]
mod tests;
