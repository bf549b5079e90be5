use challenges_core::Origin;
use challenges_core::webauthn::RelyingPartyId;

/// Why a [`WebauthnBuilder`](crate::WebauthnBuilder) builds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebauthnError {
    /// A relying party was given an empty list of origins.
    #[error("{0} has an empty list of origins: name one, or leave the list out for https://{0}")]
    NoOrigins(RelyingPartyId),
    /// An origin is of http, which browsers take for localhost alone.
    #[error("{0} is not secure: use https (http is for the host localhost alone)")]
    InsecureOrigin(Origin),
    /// An origin is neither the relying party's domain nor below it.
    #[error("{0} is outside of {1}: browsers use credentials at the domain of a relying party and below it alone")]
    ForeignOrigin(Origin, RelyingPartyId),
    /// Only configured relying parties are served, and none is configured.
    #[error("no relying party is configured, so none would be served: configure one, or leave out only_configured")]
    NoRelyingParties,
    /// The list of trust anchors is empty.
    #[error("the list of trust anchors is empty, so nothing could be registered: add one, or leave the list out")]
    NoTrustAnchors,
    /// The list of allowed AAGUIDs is empty.
    #[error("the list of allowed AAGUIDs is empty, so nothing could be registered: add one, or leave the list out")]
    NoAllowedAaguids,
    /// AAGUIDs are allowed without trust anchors, so that anybody could claim one.
    #[error("AAGUIDs are allowed but no trust anchors given: without attestation an AAGUID proves nothing")]
    AllowedAaguidsWithoutTrustAnchors,
}
