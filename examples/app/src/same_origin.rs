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
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let host = headers.get(HOST).map(http::HeaderValue::as_bytes);
    origin == public_origin || (host == Some(authority.as_bytes()) && is_no_borrowed_name(authority))
}

/// Whether nobody else can have a name lead here: an attacker's own name may, and then is both origin and host.
fn is_no_borrowed_name(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok();
    literal || host == "localhost"
}

#[cfg(test)]
mod tests;
