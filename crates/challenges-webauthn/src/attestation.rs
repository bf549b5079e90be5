use std::collections::BTreeSet;
use std::time::Duration;

use challenges_core::webauthn::{Preference, Registration, Rejected};
use serde_json::Value;
use uuid::Uuid;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError as Error;
use webauthn_rs_core::proto::{
    AttestationCaList, AuthenticatorAttestationResponseRaw, COSEAlgorithm, RegisterPublicKeyCredential,
    RegistrationExtensionsClientOutputs, RegistrationState,
};

use crate::attestation_object::AttestationObject;
use crate::client_data::ClientData;
use crate::error::WebauthnError;
use crate::options;

/// The formats that webauthn-rs verifies for real authenticators. `tpm` is absent, because TPMs sign with SHA-1, and
/// webauthn-rs refuses SHA-1.
const VERIFIED_FORMATS: [&str; 4] = ["packed", "fido-u2f", "apple", "android-key"];

/// The accepted attestation (section 7.1, steps 21 to 24).
#[derive(Clone, Debug, Default)]
pub(crate) struct AttestationPolicy {
    /// The roots of accepted statements; `None` accepts untrusted statements.
    pub(crate) trust_anchors: Option<AttestationCaList>,
    /// The only accepted authenticator models; `None` accepts all.
    pub(crate) allowed: Option<BTreeSet<Uuid>>,
    /// The rejected authenticator models.
    pub(crate) denied: BTreeSet<Uuid>,
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
    ///
    /// Without trust anchors, a statement that cannot be verified is accepted as untrusted: the authenticator could as
    /// well have sent no statement.
    pub(crate) fn verify(
        &self,
        registration: &Registration<'_>,
        object: &AttestationObject<'_>,
        aaguid: &Uuid,
        client_data: &ClientData<'_>,
    ) -> Result<(), Rejected> {
        let trust_anchors = self.trust_anchors.as_ref();
        match object.format {
            "none" if !object.is_statement_empty => return Err(Rejected::Attestation),
            "none" if trust_anchors.is_some() => return Err(Rejected::UntrustedAttestation),
            "none" => {}
            format => match verify_statement(registration, client_data.challenge(), trust_anchors) {
                Err(error) if trust_anchors.is_some() || !is_unverifiable(format, &error) => {
                    return Err(rejected(&error));
                }
                Err(_) | Ok(()) => {}
            },
        }
        self.admit_model(aaguid)
    }

    /// Admits an authenticator without attestation.
    pub(crate) fn admit_unattested(&self, aaguid: &Uuid) -> Result<(), Rejected> {
        match self.trust_anchors {
            Some(_) => Err(Rejected::UntrustedAttestation),
            None => self.admit_model(aaguid),
        }
    }

    fn admit_model(&self, aaguid: &Uuid) -> Result<(), Rejected> {
        let is_allowed = self.allowed.as_ref().is_none_or(|allowed| allowed.contains(aaguid));
        if is_allowed && !self.denied.contains(aaguid) { Ok(()) } else { Err(Rejected::Aaguid) }
    }
}

/// Returns whether an error means that webauthn-rs cannot verify the statement. Returns `false` for a malformed
/// statement, and for a statement that contradicts the credential: a wrong signature, or another key, nonce or AAGUID.
fn is_unverifiable(format: &str, error: &Error) -> bool {
    if !VERIFIED_FORMATS.contains(&format) {
        return true;
    }
    // Android certificates have an extension with many optional parts. webauthn-rs reads only some of these parts.
    if format == "android-key" && matches!(error, Error::AttestationStatementX5CInvalid) {
        return true;
    }
    matches!(
        error,
        // ECDAA, and algorithms and curves unknown to webauthn-rs.
        Error::AttestationNotSupported
            | Error::CredentialInsecureCryptography
            | Error::COSEKeyInvalidAlgorithm
            | Error::COSEKeyInvalidType
            | Error::COSEKeyEDUnsupported
            | Error::COSEKeyECDSAInvalidCurve
            | Error::COSEKeyEDDSAInvalidCurve
            | Error::CertificatePublicKeyInvalid
            // Certificates of authenticators often violate the standards.
            | Error::X509DerInvalid
            | Error::AttestationCertificateRequirementsNotMet
            | Error::AttestationStatementMissingExtension
            // webauthn-rs rejects every cross-origin frame, and client data with `tokenBinding` as text.
            | Error::CredentialCrossOrigin
            | Error::ParseJSONFailure(_)
    )
}

fn rejected(error: &Error) -> Rejected {
    match error {
        Error::AttestationNotVerifiable | Error::AttestationChainNotTrusted(_) | Error::AttestationTrustFailure => {
            Rejected::UntrustedAttestation
        }
        Error::AttestationUntrustedAaguid | Error::AttestationFormatMissingAaguid => Rejected::Aaguid,
        Error::CredentialCrossOrigin => Rejected::CrossOrigin,
        _ => Rejected::Attestation,
    }
}

/// Verifies the attestation statement with webauthn-rs, which also repeats most other checks.
fn verify_statement(
    registration: &Registration<'_>,
    challenge: &str,
    trust_anchors: Option<&AttestationCaList>,
) -> Result<(), Error> {
    let id = registration.relying_party.as_str();
    let origins = registration.origins.iter().filter_map(|origin| origin.as_str().parse().ok()).collect();
    let webauthn = WebauthnCore::new_unsafe_experts_only(id, id, origins, Duration::ZERO, None, None);
    let state = registration_state(&webauthn, registration.user_verification, challenge);
    let state = state.ok_or(Error::ChallengePersistenceError)?;
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
    webauthn.register_credential(&credential, &state, trust_anchors).map(|_| ())
}

/// Creates the state for webauthn-rs. The library draws its own challenge, replaceable only by serialization.
fn registration_state(
    webauthn: &WebauthnCore,
    user_verification: Preference,
    challenge: &str,
) -> Option<RegistrationState> {
    let builder = webauthn.new_challenge_register_builder(&[0], "-", "-").ok()?;
    let builder = builder
        .user_verification_policy(options::user_verification(user_verification))
        .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::ES384, COSEAlgorithm::RS256]);
    let (_, state) = webauthn.generate_challenge_register(builder).ok()?;
    let mut state = serde_json::to_value(state).ok()?;
    *state.get_mut("challenge")? = Value::String(challenge.to_owned());
    serde_json::from_value(state).ok()
}
