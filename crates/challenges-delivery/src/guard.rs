use std::collections::BTreeSet;
use std::net::IpAddr;

use challenges_core::endpoints::PushServices;
use http::Uri;
use ipnet::IpNet;
use url::{Host, Url};

use crate::error::{Blocked, DeliveryError};
use crate::network::{embedded_ipv4, is_public};

const MAX_URL: usize = 4_096;

/// Rules for outbound requests, against server-side request forgery.
///
/// URLs of push subscriptions and actions come from outside, so a guard treats every URL as hostile. It allows
///
/// - the scheme https; see [`danger_allow_http`](Self::danger_allow_http),
/// - port 443; see [`allow_port`](Self::allow_port) and [`danger_allow_any_port`](Self::danger_allow_any_port),
/// - any public host ([`any_host`](Self::any_host)) or an exact list ([`only_hosts`](Self::only_hosts)),
/// - public addresses ([`is_public`]), in any spelling (`0x7f.1`, `2130706433`, `[::ffff:127.0.0.1]`); see
///   [`danger_allow_network`](Self::danger_allow_network),
/// - absolute URLs of at most 4,096 printable ASCII characters, without user name, password or backslash. An
///   internationalized domain name must be in Punycode, and a host must not end with a dot.
///
/// A [`GuardedClient`](crate::GuardedClient) checks the URL first. It then resolves the name once for each connection,
/// checks every address, and connects to a checked address. One blocked address blocks the request. A name that changes
/// its address between check and connection (DNS rebinding) therefore gains nothing.
///
/// # What a lax guard lets an attacker do
///
/// Anyone who may register a push subscription or create a one-time-use action chooses where this process connects.
/// Every network that the guard allows is within reach.
#[derive(Clone, Debug)]
#[must_use]
pub struct Guard {
    hosts: Option<BTreeSet<String>>,
    /// The allowed ports; `None` allows every port.
    ports: Option<BTreeSet<u16>>,
    http: bool,
    networks: Vec<IpNet>,
}

impl Guard {
    /// Allows any public host. Meant for web push, where browsers choose the push service.
    pub fn any_host() -> Self {
        Self { hosts: None, ports: Some(BTreeSet::from([443])), http: false, networks: Vec::new() }
    }

    /// Allows these hosts only, without their subdomains. Meant for actions and gateways.
    ///
    /// A host is a domain or an IP address; an IPv6 address is in brackets. The addresses of a host must still be
    /// public or in an allowed network.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::AllowedHost`] when a host is malformed.
    pub fn only_hosts<S: AsRef<str>>(hosts: impl IntoIterator<Item = S>) -> Result<Self, DeliveryError> {
        let hosts = hosts.into_iter().map(|host| match Host::parse(host.as_ref()) {
            Ok(host) if !host.to_string().ends_with('.') => Ok(host.to_string()),
            _ => Err(DeliveryError::AllowedHost),
        });
        Ok(Self { hosts: Some(hosts.collect::<Result<_, _>>()?), ..Self::any_host() })
    }

    /// Allows a port in addition to 443.
    pub fn allow_port(mut self, port: u16) -> Self {
        if let Some(ports) = &mut self.ports {
            ports.insert(port);
        }
        self
    }

    /// Allows every port. Requests then reach any service on the allowed hosts, although only with HTTP.
    pub fn danger_allow_any_port(self) -> Self {
        Self { ports: None, ..self }
    }

    /// Allows http and port 80. Links, tokens and bodies are then sent unencrypted.
    pub fn danger_allow_http(mut self) -> Self {
        self.http = true;
        self.allow_port(80)
    }

    /// Allows a network although its addresses are not public. Every URL can then reach the network.
    ///
    /// An IPv6 address that embeds an IPv4 address (`::ffff:0:0/96`, `64:ff9b::/96`) is allowed only if the IPv4
    /// address is allowed too.
    pub fn danger_allow_network(mut self, network: IpNet) -> Self {
        self.networks.push(network);
        self
    }

    /// Checks a URL. Names are not resolved here, so a domain's addresses are not checked.
    ///
    /// # Errors
    ///
    /// [`Blocked`], with the first reason found.
    pub fn check(&self, url: &str) -> Result<(), Blocked> {
        self.admit(url).map(drop)
    }

    /// Checks an address to connect to.
    ///
    /// # Errors
    ///
    /// [`Blocked::Address`] when the address is neither public nor in an allowed network.
    pub fn check_address(&self, address: IpAddr) -> Result<(), Blocked> {
        let is_open =
            |address: IpAddr| is_public(address) || self.networks.iter().any(|network| network.contains(&address));
        let allowed = is_open(address) && embedded_ipv4(address).is_none_or(is_open);
        if allowed { Ok(()) } else { Err(Blocked::Address(address)) }
    }

    /// Returns whether an operator listed the hosts.
    pub(crate) const fn lists_hosts(&self) -> bool {
        self.hosts.is_some()
    }

    /// Checks a URL and returns the URI to request.
    pub(crate) fn admit(&self, url: &str) -> Result<Uri, Blocked> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if url.len() > MAX_URL || !url.bytes().all(plain) {
            return Err(Blocked::Malformed);
        }
        let authority = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
        let authority = authority.filter(|it| !it.is_empty()).ok_or(Blocked::Malformed)?;
        let mut url = Url::parse(url).map_err(|_| Blocked::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if self.http => {}
            _ => return Err(Blocked::Scheme),
        }
        if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(Blocked::UserInfo);
        }
        self.check_host(&url)?;
        let port = url.port_or_known_default().ok_or(Blocked::Malformed)?;
        if self.ports.as_ref().is_some_and(|ports| !ports.contains(&port)) {
            return Err(Blocked::Port(port));
        }
        url.set_fragment(None);
        as_uri(&url)
    }

    fn check_host(&self, url: &Url) -> Result<(), Blocked> {
        let text = url.host_str().ok_or(Blocked::Malformed)?;
        // A trailing dot names the same host, but an exact list does not contain that spelling.
        if text.ends_with('.') || self.hosts.as_ref().is_some_and(|hosts| !hosts.contains(text)) {
            return Err(Blocked::Host);
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(address.into()),
            Some(Host::Ipv6(address)) => self.check_address(address.into()),
            Some(Host::Domain(_)) => Ok(()),
            None => Err(Blocked::Malformed),
        }
    }
}

/// Admits the URLs that [`Guard::check`] accepts, so that a subscription that could get no message is refused at
/// registration.
impl PushServices for Guard {
    fn admits(&self, endpoint: &str) -> bool {
        self.check(endpoint).is_ok()
    }
}

/// Converts a checked URL, and refuses any URL that the `http` crate reads differently from the `url` crate.
fn as_uri(url: &Url) -> Result<Uri, Blocked> {
    let uri: Uri = url.as_str().parse().map_err(|_| Blocked::Malformed)?;
    let same = uri.scheme_str() == Some(url.scheme())
        && uri.host() == url.host_str()
        && uri.port_u16() == url.port()
        && uri.path() == url.path()
        && uri.query() == url.query();
    if same { Ok(uri) } else { Err(Blocked::Malformed) }
}

#[cfg(test)]
mod tests;
