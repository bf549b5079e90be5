use std::fmt;

use serde::{Deserialize, Serialize};

use super::WebauthnEnrollmentSpec;
use super::old_credential::OldCredential;
use crate::ceremony::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Credential, CredentialId, Preference,
    PublicChallenge, RelyingPartyId, UserHandle,
};
use crate::challenge_type::ChallengeType;
use crate::codec::{is_false, is_zero};
use crate::enrollment::EnrollmentFactor;
use crate::keyring::{Place, SecretField};
use crate::store::Kind;

/// The WebAuthn part of an enrollment: the options of the registration ceremony, and the registered credential.
#[derive(Clone, Serialize, Deserialize)]
pub struct WebauthnFactor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) relying_party: RelyingPartyId,
    pub(super) user_verification: Preference,
    #[serde(default = "preferred", skip_serializing_if = "is_preferred")]
    pub(super) resident_key: Preference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) authenticator_attachment: Option<AuthenticatorAttachment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hints: Vec<AuthenticatorHint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) attestation_conveyance: Option<AttestationConveyance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) attestation_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) http_endpoint: Option<String>,
    /// The user handle in the authenticator, if chosen by the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_handle: Option<UserHandle>,
    /// `true` if the user handle in the authenticator is not known: an imported credential of a system that kept none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) any_user_handle: bool,
    /// `true` for an imported credential until the first accepted assertion.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) unproven: bool,
    pub(super) ceremony: RegistrationState,
}

/// The progress of the registration ceremony.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RegistrationState {
    Pending {
        challenge: PublicChallenge,
        #[serde(default, skip_serializing_if = "is_zero")]
        rejected: u32,
    },
    /// An import has begun. The record holds the credential id from its reservation until the completion, and expires
    /// like a pending enrollment.
    Importing {
        credential: CredentialId,
    },
    Success(Credential),
}

impl WebauthnFactor {
    pub(super) fn pending(spec: WebauthnEnrollmentSpec, challenge: PublicChallenge) -> Self {
        Self {
            name: None,
            relying_party: spec.relying_party_id,
            user_verification: spec.user_verification,
            resident_key: spec.resident_key,
            authenticator_attachment: spec.authenticator_attachment,
            hints: spec.hints,
            attestation_conveyance: spec.attestation_conveyance,
            attestation_format: spec.attestation_format,
            http_endpoint: spec.http_endpoint,
            user_handle: None,
            any_user_handle: false,
            unproven: false,
            ceremony: RegistrationState::Pending { challenge, rejected: 0 },
        }
    }

    /// Returns the factor of another system in `ceremony`: importing, or completed.
    pub(super) fn imported(old: &OldCredential, ceremony: RegistrationState) -> Self {
        Self {
            name: old.name.clone(),
            relying_party: old.relying_party.clone(),
            user_verification: old.user_verification,
            resident_key: Preference::Preferred,
            authenticator_attachment: None,
            hints: Vec::new(),
            attestation_conveyance: None,
            attestation_format: None,
            http_endpoint: None,
            user_handle: old.user_handle.clone(),
            any_user_handle: old.user_handle.is_none(),
            unproven: true,
            ceremony,
        }
    }
}

const fn preferred() -> Preference {
    Preference::Preferred
}

fn is_preferred(preference: &Preference) -> bool {
    *preference == preferred()
}

impl EnrollmentFactor for WebauthnFactor {
    const KIND: Kind = Kind::WebauthnEnrollment;
    const CHALLENGE_TYPE: ChallengeType = ChallengeType::Webauthn;

    fn is_completed(&self) -> bool {
        match self.ceremony {
            RegistrationState::Pending { .. } | RegistrationState::Importing { .. } => false,
            RegistrationState::Success(_) => true,
        }
    }

    fn is_proven(&self) -> bool {
        self.is_completed() && !self.unproven
    }

    /// Returns nothing: a public key and a public challenge need no sealing.
    fn secret_fields<'a>(&'a mut self, _: Place<'a>) -> Vec<SecretField<'a>> {
        Vec::new()
    }
}

impl fmt::Debug for WebauthnFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebauthnFactor")
            .field("relying_party", &self.relying_party)
            .field("is_completed", &self.is_completed())
            .finish_non_exhaustive()
    }
}
