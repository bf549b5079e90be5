use std::collections::BTreeMap;

use challenges_core::Origin;
use challenges_core::webauthn::{Aaguid, RelyingPartyId};
use webauthn_rs_core::proto::AttestationCaList;

use crate::attestation::AttestationPolicy;
use crate::error::WebauthnError;
use crate::relying_party::RelyingParty;
use crate::webauthn::Webauthn;

/// Configures a [`Webauthn`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct WebauthnBuilder {
    relying_parties: BTreeMap<RelyingPartyId, RelyingParty>,
    only_configured: bool,
    attestation: AttestationPolicy,
}

impl WebauthnBuilder {
    /// Where credentials of a relying party are made and used, in place of exactly `https://` and its id. Each has to be
    /// of https (http for the host `localhost` alone), and its host the id or a subdomain of it.
    pub fn relying_party(mut self, id: RelyingPartyId, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.relying_parties.entry(id).or_default().origins.get_or_insert_default().extend(origins);
        self
    }

    /// What authenticators show of a relying party, in place of its id.
    pub fn display_name(mut self, id: RelyingPartyId, name: impl Into<String>) -> Self {
        self.relying_parties.entry(id).or_default().name = Some(name.into());
        self
    }

    /// The pages in whose frames ceremonies of a relying party may take place although those are of another origin
    /// (sections 5.10 and 13.4.9). None, by default.
    ///
    /// The browser names such a page in `topOrigin`, which has to be one of these. A browser that does not know the
    /// member yet says only that the frame is of another origin; that passes too. A credential can be made in such a
    /// frame with the attestation format `none` alone.
    pub fn top_origins(mut self, id: RelyingPartyId, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.relying_parties.entry(id).or_default().top_origins.extend(origins);
        self
    }

    /// Serves the relying parties that are configured here alone, rather than any.
    pub fn only_configured(mut self) -> Self {
        self.only_configured = true;
        self
    }

    /// Registers only credentials of which the attestation leads to one of these. Options then ask for direct attestation.
    /// A list that names devices allows those alone.
    pub fn trust_anchors(mut self, anchors: AttestationCaList) -> Self {
        self.attestation.trust_anchors.get_or_insert_default().union(&anchors);
        self
    }

    /// Registers only authenticators of these makes. It takes [`trust_anchors`](Self::trust_anchors), for without
    /// attestation an AAGUID proves nothing.
    pub fn allow_aaguids(mut self, aaguids: impl IntoIterator<Item = Aaguid>) -> Self {
        self.attestation.allowed.get_or_insert_default().extend(aaguids);
        self
    }

    /// Registers no authenticators of these makes. Without [`trust_anchors`](Self::trust_anchors) that stops those alone
    /// that say what they are.
    pub fn deny_aaguids(mut self, aaguids: impl IntoIterator<Item = Aaguid>) -> Self {
        self.attestation.denied.extend(aaguids);
        self
    }

    /// The ceremonies.
    ///
    /// # Errors
    ///
    /// [`WebauthnError`], with the first thing that does not fit.
    pub fn build(self) -> Result<Webauthn, WebauthnError> {
        let Self { relying_parties, only_configured, attestation } = self;
        if only_configured && relying_parties.is_empty() {
            return Err(WebauthnError::NoRelyingParties);
        }
        for (id, relying_party) in &relying_parties {
            relying_party.validate(id)?;
        }
        attestation.validate()?;
        Ok(Webauthn { relying_parties, only_configured, attestation })
    }
}
