use challenges_core::Origin;
use challenges_core::webauthn::RelyingPartyId;
use url::Url;

use crate::error::WebauthnError;

/// The configuration of a relying party.
#[derive(Clone, Debug, Default)]
pub(crate) struct RelyingParty {
    /// The origins of ceremonies; `None` stands for `https://` and the id.
    pub(crate) origins: Option<Vec<Origin>>,
    /// The name shown by authenticators; `None` stands for the id.
    pub(crate) name: Option<String>,
    /// The origins of pages that may embed ceremonies in a cross-origin frame.
    pub(crate) top_origins: Vec<Origin>,
}

impl RelyingParty {
    pub(crate) fn validate(&self, id: &RelyingPartyId) -> Result<(), WebauthnError> {
        if self.origins.as_ref().is_some_and(Vec::is_empty) {
            return Err(WebauthnError::NoOrigins(id.clone()));
        }
        let origins = self.origins.iter().flatten();
        if let Some(origin) = origins.clone().chain(&self.top_origins).find(|origin| !is_secure(origin)) {
            return Err(WebauthnError::InsecureOrigin(origin.clone()));
        }
        match origins.into_iter().find(|origin| !is_within(origin, id)) {
            Some(origin) => Err(WebauthnError::ForeignOrigin(origin.clone(), id.clone())),
            None => Ok(()),
        }
    }
}

/// Returns whether browsers offer WebAuthn at an origin.
fn is_secure(origin: &Origin) -> bool {
    url(origin).is_some_and(|url| url.scheme() == "https" || url.host_str() == Some("localhost"))
}

/// Returns whether browsers let an origin use the credentials of a relying party (section 13.4.9).
fn is_within(origin: &Origin, id: &RelyingPartyId) -> bool {
    let Some(url) = url(origin) else { return false };
    let parent = url.domain().and_then(|domain| domain.strip_suffix(id.as_str()));
    parent.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'))
}

fn url(origin: &Origin) -> Option<Url> {
    Url::parse(origin.as_str()).ok()
}
