use std::collections::BTreeMap;

use challenges_core::Origin;
use challenges_core::webauthn::{
    Asserted, Authentication, Ceremonies, Creation, Credential, Registration, Rejected, RelyingPartyId, Request,
};
use serde_json::Value;

use crate::attestation::AttestationPolicy;
use crate::builder::WebauthnBuilder;
use crate::relying_party::RelyingParty;
use crate::{authentication, options, registration};

/// The ceremonies of WebAuthn Level 3, for `challenges_core::Challenges`.
///
/// As such it serves any relying party, at exactly `https://` and its id, and takes any attestation that verifies. All else
/// takes a [`builder`](Self::builder).
#[derive(Clone, Debug, Default)]
pub struct Webauthn {
    pub(crate) relying_parties: BTreeMap<RelyingPartyId, RelyingParty>,
    pub(crate) only_configured: bool,
    pub(crate) attestation: AttestationPolicy,
}

impl Webauthn {
    /// Ceremonies for any relying party.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Configures origins, names and attestation.
    pub fn builder() -> WebauthnBuilder {
        WebauthnBuilder::default()
    }

    fn top_origins(&self, relying_party: &RelyingPartyId) -> &[Origin] {
        self.relying_parties.get(relying_party).map_or(&[], |it| &it.top_origins)
    }
}

impl Ceremonies for Webauthn {
    fn origins(&self, relying_party: &RelyingPartyId) -> Vec<Origin> {
        match self.relying_parties.get(relying_party) {
            None if self.only_configured => Vec::new(),
            Some(RelyingParty { origins: Some(origins), .. }) => origins.clone(),
            _ => vec![relying_party.https_origin()],
        }
    }

    fn requires_attestation(&self) -> bool {
        self.attestation.trust_anchors.is_some()
    }

    fn creation_options(&self, creation: &Creation<'_>) -> Value {
        let relying_party = self.relying_parties.get(creation.relying_party);
        let name = relying_party.and_then(|it| it.name.as_deref()).unwrap_or(creation.relying_party.as_str());
        options::creation(creation, name, self.requires_attestation())
    }

    fn request_options(&self, request: &Request<'_>) -> Value {
        options::request(request)
    }

    fn register(&self, registration: &Registration<'_>) -> Result<Credential, Rejected> {
        registration::verify(registration, self.top_origins(registration.relying_party), &self.attestation)
    }

    fn authenticate(&self, authentication: &Authentication<'_>) -> Result<Asserted, Rejected> {
        authentication::verify(authentication, self.top_origins(authentication.relying_party))
    }
}
