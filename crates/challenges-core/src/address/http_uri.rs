use std::net::{Ipv4Addr, Ipv6Addr};

/// The parts of an absolute http(s) URI (RFC 3986) of which nobody can read another host than we do: neither a browser,
/// which strips and turns round what it is lenient about (WHATWG URL), nor a strict parser.
///
/// So it takes less than either: visible ASCII with no backslash, the scheme in small letters, no user, and as the host a
/// name of letters, digits, `-` and `_`, or an address in its one common spelling. A name in another script is written in
/// its ASCII form (`xn--`); whether that form stands for a name at all is left to who looks it up.
pub(crate) struct HttpUri<'t> {
    /// What names the resource at the origin: path, query and fragment, as written.
    pub(crate) rest: &'t str,
    scheme: &'t str,
    host: Host,
    port: Option<u16>,
}

/// A host in the form in which browsers write it.
#[derive(PartialEq, Eq)]
pub(crate) enum Host {
    Domain(String),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl<'t> HttpUri<'t> {
    /// The parts of that text; `None` where it is anything else, or longer than `max`.
    pub(crate) fn parse(text: &'t str, max: usize) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if text.len() > max || !text.bytes().all(is_plain) {
            return None;
        }
        let (scheme, after) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
        let (authority, rest) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        // The colons of an IPv6 address stand before its bracket.
        let colon = authority.rfind(':').filter(|colon| authority.rfind(']') < Some(*colon));
        let (host, port) = match colon.and_then(|colon| authority.split_at_checked(colon)) {
            Some((host, port)) => (host, Some(parse_port(port.strip_prefix(':')?)?)),
            None => (authority, None),
        };
        Some(Self { rest, scheme, host: Host::parse(host)?, port })
    }

    /// Scheme, host and, unless it is the default one, port (RFC 6454 section 6.2).
    pub(crate) fn origin(&self) -> String {
        let Self { scheme, host, .. } = self;
        let host = match host {
            Host::Domain(name) => name.clone(),
            Host::V4(address) => address.to_string(),
            Host::V6(address) => format!("[{}]", written(*address)),
        };
        let default = if *scheme == "https" { 443 } else { 80 };
        match self.port {
            Some(port) if port != default => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }
    }
}

impl Host {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[') {
            return address.strip_suffix(']')?.parse().ok().map(Self::V6);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_label = |label: &str| {
            let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            (1..=63).contains(&label.len()) && label.bytes().all(is_allowed)
        };
        if name.len() > 253 || !name.split('.').all(is_label) {
            return None;
        }
        // Browsers take a name that ends like this for an IPv4 address, in whichever of many spellings.
        if name.rsplit('.').next().is_some_and(is_number) {
            return text.parse().ok().map(Self::V4);
        }
        Some(Self::Domain(text.to_ascii_lowercase()))
    }
}

fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    let is_hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    label.bytes().all(|byte| byte.is_ascii_digit()) || hexadecimal.is_some_and(is_hexadecimal)
}

fn parse_port(text: &str) -> Option<u16> {
    let is_plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// As browsers write it: without the dotted part that Rust gives to a mapped IPv4 address.
fn written(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        _ => address.to_string(),
    }
}

#[cfg(test)]
mod tests;
