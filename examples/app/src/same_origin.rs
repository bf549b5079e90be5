//! Protection against cross-site request forgery, and against redirections to other sites.

/// Returns `true` if no other site caused the request. `header` returns a header of the request, and `origin` is the
/// origin of the application.
///
/// Browsers send `Sec-Fetch-Site` to https and localhost addresses, and `Origin` with every form. A request with neither
/// header does not come from a browser, and so carries no cookies for an attacker to abuse.
pub fn is_same_origin<'h>(header: impl Fn(&str) -> Option<&'h [u8]>, origin: &str) -> bool {
    match header("sec-fetch-site") {
        Some(site) => site == b"same-origin" || site == b"none",
        None => header("origin").is_none_or(|sent| sent == origin.as_bytes()),
    }
}

/// Returns the path of a request parameter, or `/` for anything that could lead to another site. Browsers read a
/// backslash as a slash, and drop tabs and line breaks.
#[must_use]
pub fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/') && !path.starts_with("//");
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own && is_plain { path } else { "/" }
}

#[cfg(test)]
mod tests;
