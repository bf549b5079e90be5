use std::collections::BTreeSet;
use std::time::Duration;

use challenges_core::webauthn::{Aaguid, Registration, Rejected};
use serde_json::Value;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError as Error;
use webauthn_rs_core::proto::{
    AttestationCaList, AuthenticatorAttestationResponseRaw, COSEAlgorithm, RegisterPublicKeyCredential,
    RegistrationExtensionsClientOutputs, RegistrationState,
};

use crate::attestation_object::AttestationObject;
use crate::error::WebauthnError;
use crate::options;

/// The accepted attestation (section 7.1, steps 21 to 24).
#[derive(Clone, Debug, Default)]
pub(crate) struct AttestationPolicy {
    /// The roots of accepted statements; `None` accepts untrusted statements.
    pub(crate) trust_anchors: Option<AttestationCaList>,
    /// The only accepted authenticator models; `None` accepts all.
    pub(crate) allowed: Option<BTreeSet<Aaguid>>,
    /// The rejected authenticator models.
    pub(crate) denied: BTreeSet<Aaguid>,
}

impl AttestationPolicy {
    pub(crate) fn validate(&self) -> Result<(), WebauthnError> {
        if self.trust_anchors.as_ref().is_some_and(AttestationCaList::is_empty) {
            return Err(WebauthnError::NoTrustAnchors);
        }
        match &self.allowed {
            Some(allowed) if allowed.is_empty() => Err(WebauthnError::NoAllowedAaguids),
            Some(_) if self.trust_anchors.is_none() => Err(WebauthnError::AllowedAaguidsWithoutTrustAnchors),
            _ => Ok(()),
        }
    }

    /// Verifies the statement of a registration that has passed every other check.
    pub(crate) fn verify(
        &self,
        registration: &Registration<'_>,
        object: &AttestationObject<'_>,
        aaguid: &Aaguid,
        cross_origin: bool,
    ) -> Result<(), Rejected> {
        let none = object.format == "none";
        if none && !object.is_statement_empty {
            return Err(Rejected::Attestation);
        }
        if none && self.trust_anchors.is_some() {
            return Err(Rejected::UntrustedAttestation);
        }
        match (cross_origin, none) {
            // webauthn-rs rejects every cross-origin frame, but an empty statement needs no verification.
            (true, true) => {}
            (true, false) => return Err(Rejected::CrossOrigin),
            (false, _) => verify_statement(registration, self.trust_anchors.as_ref())?,
        }
        if self.denied.contains(aaguid) || self.allowed.as_ref().is_some_and(|allowed| !allowed.contains(aaguid)) {
            return Err(Rejected::Aaguid);
        }
        Ok(())
    }
}

/// Verifies the attestation statement with webauthn-rs, which also repeats most other checks.
fn verify_statement(
    registration: &Registration<'_>,
    trust_anchors: Option<&AttestationCaList>,
) -> Result<(), Rejected> {
    let id = registration.relying_party.as_str();
    let origins = registration.origins.iter().filter_map(|origin| origin.as_str().parse().ok()).collect();
    let webauthn = WebauthnCore::new_unsafe_experts_only(id, id, origins, Duration::ZERO, None, None);
    let state = registration_state(&webauthn, registration).ok_or(Rejected::Attestation)?;
    let response = registration.response;
    let credential = RegisterPublicKeyCredential {
        id: String::new(),
        raw_id: response.credential_id.as_bytes().to_vec(),
        response: AuthenticatorAttestationResponseRaw {
            attestation_object: response.attestation_object.clone(),
            client_data_json: response.client_data.clone(),
            transports: None,
        },
        type_: "public-key".to_owned(),
        extensions: RegistrationExtensionsClientOutputs::default(),
    };
    match webauthn.register_credential(&credential, &state, trust_anchors) {
        Ok(_) => Ok(()),
        Err(
            Error::AttestationNotVerifiable | Error::AttestationChainNotTrusted(_) | Error::AttestationTrustFailure,
        ) => Err(Rejected::UntrustedAttestation),
        Err(Error::AttestationUntrustedAaguid | Error::AttestationFormatMissingAaguid) => Err(Rejected::Aaguid),
        Err(_) => Err(Rejected::Attestation),
    }
}

/// Creates the state for webauthn-rs. The library draws its own challenge, replaceable only by serialization.
fn registration_state(webauthn: &WebauthnCore, registration: &Registration<'_>) -> Option<RegistrationState> {
    let builder = webauthn.new_challenge_register_builder(&[0], "-", "-").ok()?;
    let builder = builder
        .user_verification_policy(options::user_verification(registration.user_verification))
        .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::ES384, COSEAlgorithm::RS256]);
    let (_, state) = webauthn.generate_challenge_register(builder).ok()?;
    let mut state = serde_json::to_value(state).ok()?;
    *state.get_mut("challenge")? = Value::String(registration.challenge.to_string());
    serde_json::from_value(state).ok()
}
