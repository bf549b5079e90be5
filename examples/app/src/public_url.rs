use std::net::SocketAddr;
use std::str::FromStr;

use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{Invalid, Origin, ResponseUri};
use url::Url;

use crate::error::StartError;

/// The public URL of the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Returns the URL for browsers on this machine, with `localhost` as the host: an IP address is not a valid
    /// WebAuthn relying party id.
    ///
    /// # Errors
    ///
    /// Never fails for a valid port.
    pub fn local(bound: SocketAddr) -> Result<Self, StartError> {
        format!("http://localhost:{}", bound.port()).parse()
    }

    /// Returns the URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Returns the origin of the URL.
    pub(crate) fn origin(&self) -> Result<Origin, Invalid> {
        self.0.origin().ascii_serialization().parse()
    }

    /// Returns the relying party of passkeys on the demo's pages. Returns `None` for an IP address and for http with
    /// any host other than `localhost`.
    pub(crate) fn relying_party(&self) -> Option<RelyingPartyId> {
        let host = self.0.host_str()?;
        if self.is_https() || host == "localhost" { host.parse().ok() } else { None }
    }

    /// Returns the URL of the answer page, at the root of the host like all pages.
    pub(crate) fn answer_page(&self) -> Result<ResponseUri, Invalid> {
        format!("{}/mfa/answer", self.origin()?.as_str()).parse()
    }

    fn is_https(&self) -> bool {
        self.0.scheme() == "https"
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
