//! Protection against cross-site request forgery.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Returns `true` if no other site caused the request.
///
/// Browsers send `Sec-Fetch-Site` to https and localhost addresses, and `Origin` to all addresses. A request with
/// neither header does not come from a browser, and so carries no cookies for an attacker to abuse.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_origin: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let host = headers.get(HOST).map(http::HeaderValue::as_bytes);
    origin == public_origin || (host == Some(authority.as_bytes()) && is_safe_from_rebinding(authority))
}

/// Returns `true` for an IP address and `localhost`. With DNS rebinding, any other host name may belong to an attacker,
/// and then matches both `Origin` and `Host`.
fn is_safe_from_rebinding(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok();
    literal || host == "localhost"
}

#[cfg(test)]
mod tests;
