//! Requests that browsers send ahead of any click.

use http::{HeaderMap, HeaderName};

/// The headers of prefetches: the standard one (Fetch, section 3.7), and those of older browsers.
static HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// Returns whether the headers announce a request without a click: a prefetch, a prerender or a preview. For adapters.
#[must_use]
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    let mut values = HEADERS.iter().flat_map(|name| headers.get_all(name));
    values.any(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].iter().any(|purpose| value.contains(purpose))
    })
}
