use std::collections::BTreeMap;

use challenges_core::Origin;
use challenges_core::webauthn::RelyingPartyId;
use uuid::Uuid;
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

impl Webauthn {
    /// Configures origins, names, frames and attestation.
    pub fn builder() -> WebauthnBuilder {
        WebauthnBuilder::default()
    }
}

impl WebauthnBuilder {
    /// Adds origins at which credentials of a relying party are created and used.
    ///
    /// They replace the default origin, `https://` and the id. Each origin must use https, or http on the host
    /// `localhost`, and its host must be the id or a subdomain.
    pub fn relying_party(mut self, id: RelyingPartyId, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.relying_parties.entry(id).or_default().origins.get_or_insert_default().extend(origins);
        self
    }

    /// Sets the relying party's name as shown by authenticators. The default is the id.
    pub fn display_name(mut self, id: RelyingPartyId, name: impl Into<String>) -> Self {
        self.relying_parties.entry(id).or_default().name = Some(name.into());
        self
    }

    /// Allows cross-origin frames in pages of these origins (sections 5.10 and 13.4.9). By default, no frame is
    /// allowed.
    ///
    /// - The browser names the page in `topOrigin`, which must be on this list.
    /// - Some browsers do not send `topOrigin` yet. A frame without `topOrigin` is allowed if the list is not empty.
    /// - Attestation in a frame is not verified, because webauthn-rs rejects cross-origin frames. With
    ///   [`trust_anchors`](Self::trust_anchors), registration in a frame is rejected.
    pub fn top_origins(mut self, id: RelyingPartyId, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.relying_parties.entry(id).or_default().top_origins.extend(origins);
        self
    }

    /// Serves only the relying parties configured here. By default, any relying party is served.
    pub fn only_configured(mut self) -> Self {
        self.only_configured = true;
        self
    }

    /// Requires an attestation that leads to any of these trust anchors. Options then request direct attestation.
    ///
    /// A list that names devices accepts only those devices. Revocation lists are not consulted.
    ///
    /// Trust anchors admit authenticators with statements in the formats `packed`, `fido-u2f`, `apple` and
    /// `android-key`. TPMs of Windows Hello sign with SHA-1, and their statements are rejected.
    ///
    /// Without trust anchors, a credential is never trusted. A statement is then rejected only if malformed, or if the
    /// statement contradicts the credential: a wrong signature, or another key, nonce or AAGUID. Statements that cannot
    /// be verified are accepted as untrusted:
    ///
    /// - the formats `tpm`, `android-safetynet`, `compound` and any unknown format,
    /// - unknown algorithms, and SHA-1,
    /// - certificates that violate the standards,
    /// - statements made in a frame, or with `tokenBinding` as text in the client data.
    pub fn trust_anchors(mut self, anchors: AttestationCaList) -> Self {
        self.attestation.trust_anchors.get_or_insert_default().union(&anchors);
        self
    }

    /// Accepts only authenticators with these AAGUIDs.
    ///
    /// Requires [`trust_anchors`](Self::trust_anchors), because an AAGUID without attestation proves nothing. The
    /// AAGUID of a `fido-u2f` authenticator counts as all zeros, because the statement does not cover it.
    pub fn allow_aaguids(mut self, aaguids: impl IntoIterator<Item = Uuid>) -> Self {
        self.attestation.allowed.get_or_insert_default().extend(aaguids);
        self
    }

    /// Rejects authenticators with these AAGUIDs.
    ///
    /// Without [`trust_anchors`](Self::trust_anchors), this stops only authenticators that report their true AAGUID.
    pub fn deny_aaguids(mut self, aaguids: impl IntoIterator<Item = Uuid>) -> Self {
        self.attestation.denied.extend(aaguids);
        self
    }

    /// Builds the ceremonies.
    ///
    /// # Errors
    ///
    /// [`WebauthnError`] with the first invalid setting.
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
