use std::fmt;

use challenges_core::Origin;
use challenges_core::webauthn::RelyingPartyId;

/// An invalid setting of a [`WebauthnBuilder`](crate::WebauthnBuilder). `Debug` shows the sentence too, because `main`
/// prints its error with `Debug`.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebauthnError {
    /// The text is not an origin with a host name.
    #[error(
        "passkeys need the origin of the application as browsers write origins, with a host name and without a path, such as https://app.example or http://localhost:3000; got {0:?}"
    )]
    Origin(String),
    /// The list of origins of a relying party is empty.
    #[error("the origins of {0} are empty; add one, or omit `relying_party` to use https://{0}")]
    NoOrigins(RelyingPartyId),
    /// An origin uses http on a host other than localhost.
    #[error("the origin {0} is not secure; use https, or http on localhost")]
    InsecureOrigin(Origin),
    /// An origin's host is neither the relying party's domain nor a subdomain.
    #[error("the origin {0} is outside of {1}; use the relying party's domain or a subdomain")]
    ForeignOrigin(Origin, RelyingPartyId),
    /// Only configured relying parties are served, but none is configured.
    #[error("no relying party would be served; configure one, or omit `only_configured`")]
    NoRelyingParties,
    /// The list of trust anchors is empty.
    #[error("no credential could be registered; add a trust anchor, or omit `trust_anchors`")]
    NoTrustAnchors,
    /// The list of allowed AAGUIDs is empty.
    #[error("no credential could be registered; add an AAGUID, or omit `allow_aaguids`")]
    NoAllowedAaguids,
    /// AAGUIDs are allowed without trust anchors, so any authenticator could claim them.
    #[error("`allow_aaguids` needs `trust_anchors`; an AAGUID without attestation proves nothing")]
    AllowedAaguidsWithoutTrustAnchors,
}

impl fmt::Debug for WebauthnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
