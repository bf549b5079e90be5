use std::net::{Ipv4Addr, Ipv6Addr};

/// A host, as written by browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// A name in lower case.
    Domain(String),
    /// An IPv4 or IPv6 address.
    Address,
}

impl Host {
    /// Parses a host. Returns `None` for any form that two parsers might read differently.
    ///
    /// Accepts less than the WHATWG URL standard:
    ///
    /// - names of letters, digits, `-` and `_` within the lengths of DNS (RFC 1035 section 2.3.4); names in another
    ///   script in their ASCII form (`xn--`),
    /// - IPv4 addresses as four decimal numbers without leading zeros,
    /// - IPv6 addresses in brackets, without a zone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match url::Host::parse(text).ok()? {
            // A difference in more than case means that `url` decoded or mapped characters.
            url::Host::Domain(name) => {
                (is_dns_name(&name) && name.eq_ignore_ascii_case(text)).then_some(Self::Domain(name))
            }
            // `url` also accepts hexadecimal, octal and short forms.
            url::Host::Ipv4(address) => (text.parse::<Ipv4Addr>() == Ok(address)).then_some(Self::Address),
            url::Host::Ipv6(address) => {
                let digits = text.strip_prefix('[')?.strip_suffix(']')?;
                (digits.parse::<Ipv6Addr>() == Ok(address)).then_some(Self::Address)
            }
        }
    }
}

/// Returns whether a name consists of labels within the lengths of DNS, with or without a trailing dot.
fn is_dns_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(is_allowed)
    };
    name.len() <= 253 && name.split('.').all(is_label)
}
