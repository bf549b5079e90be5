use std::net::SocketAddr;
use std::str::FromStr;

use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{Invalid, Origin, ResponseUri};
use url::{Host, Url};

use crate::error::StartError;

/// The base under which browsers reach the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The URL for a browser on this machine. It names `localhost`, since an IP address is no WebAuthn relying party id.
    ///
    /// # Errors
    ///
    /// None that is known of: the form is fixed.
    pub fn local(bound: SocketAddr) -> Result<Self, StartError> {
        format!("http://localhost:{}", bound.port()).parse()
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Its origin.
    pub(crate) fn origin(&self) -> Result<Origin, Invalid> {
        self.0.origin().ascii_serialization().parse()
    }

    /// The relying party that passkeys are made for there; none at an IP address, or without https but at `localhost`.
    pub(crate) fn relying_party(&self) -> Option<RelyingPartyId> {
        let host = self.0.host_str()?;
        if self.is_https() || host == "localhost" { host.parse().ok() } else { None }
    }

    /// The page on which challenges are answered.
    pub(crate) fn answer_page(&self) -> Result<ResponseUri, Invalid> {
        format!("{}/answer", self.as_str()).parse()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether only this machine can open it.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl FromStr for PublicUrl {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        let url = Url::parse(text).map_err(|_| StartError::PublicUrl)?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if plain { Ok(Self(url)) } else { Err(StartError::PublicUrl) }
    }
}

#[cfg(test)]
mod tests;
