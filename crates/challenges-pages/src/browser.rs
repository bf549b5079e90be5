//! The facts that a browser tells about itself.

use http::HeaderMap;
use http::header::USER_AGENT;
use sha2::{Digest as _, Sha256};

/// Returns a hash of the `User-Agent`, so that a cookie copied to another kind of browser is refused. A thief who
/// copies the header too is not stopped.
pub(crate) fn fingerprint(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).map_or(&b""[..], |agent| agent.as_bytes());
    Sha256::digest(agent).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a label for the list of trusted devices, such as `Firefox, Linux`.
pub(crate) fn label(headers: &HeaderMap) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let named =
        |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    let parts: Vec<_> = [named(&BROWSERS), named(&SYSTEMS)].into_iter().flatten().collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}
