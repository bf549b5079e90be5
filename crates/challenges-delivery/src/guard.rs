use std::collections::BTreeSet;
use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;
use url::{Host, Url};

use crate::error::{Blocked, DeliveryError};
use crate::network::{embedded, is_public};

const MAX_URL: usize = 4_096;

/// Which requests may leave.
///
/// By default those to https, port 443 and public addresses ([`is_public`]) alone. A [`GuardedClient`](crate::GuardedClient)
/// asks it twice: about the URL, and about each address that the host resolves to just before it connects to that very
/// address.
///
/// # What a lax guard lets an attacker do
///
/// Whoever may register a push subscription or create a one-time-use action chooses where this process connects to. Each
/// network that is allowed here is within their reach.
#[derive(Clone, Debug)]
#[must_use]
pub struct Guard {
    hosts: Option<BTreeSet<String>>,
    /// Every port, where absent.
    ports: Option<BTreeSet<u16>>,
    http: bool,
    networks: Vec<IpNet>,
}

impl Guard {
    /// Lets requests to any public host out: for web push, where the browsers choose.
    pub fn any_host() -> Self {
        Self { hosts: None, ports: Some(BTreeSet::from([443])), http: false, networks: Vec::new() }
    }

    /// Lets requests to these hosts out, and to no others, not even to subdomains: for actions and gateways. A host is a
    /// domain or an IP address, an IPv6 address in brackets. Their addresses still have to be public, or allowed.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::AllowedHost`] when one is malformed.
    pub fn only_hosts<S: AsRef<str>>(hosts: impl IntoIterator<Item = S>) -> Result<Self, DeliveryError> {
        let hosts = hosts.into_iter().map(|host| match Host::parse(host.as_ref()) {
            Ok(host) if !host.to_string().ends_with('.') => Ok(host.to_string()),
            _ => Err(DeliveryError::AllowedHost),
        });
        Ok(Self { hosts: Some(hosts.collect::<Result<_, _>>()?), ..Self::any_host() })
    }

    /// Allows a port besides 443.
    pub fn allow_port(mut self, port: u16) -> Self {
        if let Some(ports) = &mut self.ports {
            ports.insert(port);
        }
        self
    }

    /// Allows every port. Whoever names a URL then speaks to whatever listens there, if only in HTTP.
    pub fn danger_allow_any_port(self) -> Self {
        Self { ports: None, ..self }
    }

    /// Allows http, and its port 80. Links, tokens and bodies then travel in clear text.
    pub fn danger_allow_http(mut self) -> Self {
        self.http = true;
        self.allow_port(80)
    }

    /// Allows the addresses of a network although they are not public. Whoever names a URL reaches them.
    ///
    /// An IPv6 address that stands for one of IPv4 (`::ffff:0:0/96`, `64:ff9b::/96`) is allowed only where the latter is too.
    pub fn danger_allow_network(mut self, network: IpNet) -> Self {
        self.networks.push(network);
        self
    }

    /// Whether a request to `url` may leave, as far as the URL tells.
    ///
    /// # Errors
    ///
    /// [`Blocked`], with the first reason.
    pub fn check(&self, url: &str) -> Result<(), Blocked> {
        self.admit(url).map(drop)
    }

    /// Whether this process may connect to `address`.
    ///
    /// # Errors
    ///
    /// [`Blocked::Address`] when not.
    pub fn check_address(&self, address: IpAddr) -> Result<(), Blocked> {
        let open = |address: IpAddr| is_public(address) || self.networks.iter().any(|it| it.contains(&address));
        let allowed = open(address) && embedded(address).is_none_or(open);
        if allowed { Ok(()) } else { Err(Blocked::Address(address)) }
    }

    /// The URI to request, when the guard lets a request to `url` out.
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
        // With the dot it is the same host under another name, which an exact list does not know.
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

/// What was checked is what is connected to: both parsers have to read the same out of the URL.
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
