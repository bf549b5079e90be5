use url::Url;

use super::Host;

/// An absolute http(s) URI (RFC 3986) with a host that every parser reads alike, lenient browsers (WHATWG URL) and
/// strict parsers.
///
/// Therefore accepts less than either kind of parser: visible ASCII without backslashes, the scheme in lower case, no
/// user information, a [`Host`], and a port without leading zeros.
pub(super) struct HttpUri<'t> {
    /// The path, query and fragment, as written.
    pub(super) rest: &'t str,
    url: Url,
}

impl<'t> HttpUri<'t> {
    /// Parses a URI of at most `max` characters. Returns `None` for any other text.
    pub(super) fn parse(text: &'t str, max: usize) -> Option<Self> {
        // `url` strips tabs and line breaks, and reads a backslash as a slash.
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if text.len() > max || !text.bytes().all(is_plain) {
            return None;
        }
        let (_, after) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
        let (authority, rest) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        let url = Url::parse(text).ok()?;
        let port = url.port_or_known_default().filter(|port| *port != 0)?;
        let host = authority.strip_suffix(&format!(":{port}")).unwrap_or(authority);
        // User information or a port in another spelling would be left in the host, which then does not parse.
        Host::parse(host)?;
        Some(Self { rest, url })
    }

    /// Returns the scheme, the host and, unless default, the port (RFC 6454 section 6.2).
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// Returns whether `text` is an absolute http(s) URI of at most `max` characters.
pub(crate) fn is_http_uri(text: &str, max: usize) -> bool {
    HttpUri::parse(text, max).is_some()
}

/// Returns an absolute http(s) URI of at most `max` characters in the one form of the URL Standard, or `None` for any
/// other text. The default port, dots in the path and letters of another case would turn one address into many.
pub(crate) fn normal_uri(text: &str, max: usize) -> Option<String> {
    HttpUri::parse(text, max).map(|uri| uri.url.into()).filter(|uri: &String| uri.len() <= max)
}

/// Returns the origin of an absolute http(s) URI, or `None` for any other text.
pub(crate) fn origin_of(text: &str) -> Option<String> {
    HttpUri::parse(text, text.len()).map(|uri| uri.origin())
}

/// Returns whether `text` is an https URI with the default port and a host name of the public Internet: a name with a
/// dot, not ending with one, and not special (RFC 6761, RFC 6762).
pub(crate) fn has_public_name(text: &str) -> bool {
    const SPECIAL: [&str; 4] = ["localhost", "localdomain", "local", "internal"];
    let Some(HttpUri { rest: _, url }) = HttpUri::parse(text, text.len()) else { return false };
    let Some(url::Host::Domain(name)) = url.host() else { return false };
    let is_public = name.rsplit_once('.').is_some_and(|(_, last)| !last.is_empty() && !SPECIAL.contains(&last));
    url.scheme() == "https" && url.port().is_none() && is_public
}

#[cfg(test)]
mod tests;
