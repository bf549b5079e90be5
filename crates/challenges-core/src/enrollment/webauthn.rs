use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Enrollment, EnrollmentRecord, EnrollmentState};
use crate::codec::{Form, is_zero};
use crate::id::EnrollmentId;
use crate::owner::Owner;
use crate::request::WebauthnEnrollmentSpec;
use crate::store::Kind;
use crate::time::Timestamp;
use crate::webauthn::{
    Asserted, AttestationConveyance, Credential, PublicChallenge, RelyingPartyId, UserHandle, UserVerification,
};

/// A WebAuthn enrollment as it stands: the options of a registration ceremony, and the credential that came of it.
#[derive(Clone)]
pub struct WebauthnEnrollment(Body);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    v: Form,
    id: EnrollmentId,
    owner: Owner,
    created: Timestamp,
    updated: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    relying_party: RelyingPartyId,
    user_verification: UserVerification,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attestation_conveyance: Option<AttestationConveyance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attestation_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_handle: Option<UserHandle>,
    ceremony: Ceremony,
}

/// How far the registration ceremony is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ceremony {
    Pending {
        challenge: PublicChallenge,
        #[serde(default, skip_serializing_if = "is_zero")]
        rejected: u32,
    },
    Success(Credential),
}

impl WebauthnEnrollment {
    pub(crate) fn pending(
        id: EnrollmentId,
        owner: Owner,
        now: Timestamp,
        spec: WebauthnEnrollmentSpec,
        challenge: PublicChallenge,
    ) -> Self {
        Self(Body {
            v: Form,
            id,
            owner,
            created: now,
            updated: now,
            name: None,
            relying_party: spec.relying_party_id,
            user_verification: spec.user_verification,
            attestation_conveyance: spec.attestation_conveyance,
            attestation_format: spec.attestation_format,
            http_endpoint: spec.http_endpoint,
            user_handle: None,
            ceremony: Ceremony::Pending { challenge, rejected: 0 },
        })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> EnrollmentId {
        self.0.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Whether it can answer challenges.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.credential().is_some()
    }

    /// When it was created.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// When it last changed: with every use whose counter or backup state is new.
    #[must_use]
    pub const fn updated(&self) -> Timestamp {
        self.0.updated
    }

    /// What its user calls it, if anybody named it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The relying party that the credential is for.
    #[must_use]
    pub const fn relying_party_id(&self) -> &RelyingPartyId {
        &self.0.relying_party
    }

    /// Whether the authenticator has to verify its user, when the credential is made and whenever it is used.
    #[must_use]
    pub const fn user_verification(&self) -> UserVerification {
        self.0.user_verification
    }

    /// How much the authenticator was asked to tell of its make.
    #[must_use]
    pub const fn attestation_conveyance(&self) -> Option<AttestationConveyance> {
        self.0.attestation_conveyance
    }

    /// The creator's own note on the attestation format; it decides nothing.
    #[must_use]
    pub fn attestation_format(&self) -> Option<&str> {
        self.0.attestation_format.as_deref()
    }

    /// The creator's own note on where the credential is used; it decides nothing.
    #[must_use]
    pub fn http_endpoint(&self) -> Option<&str> {
        self.0.http_endpoint.as_deref()
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> EnrollmentState {
        match self.0.ceremony {
            Ceremony::Pending { .. } => EnrollmentState::Pending,
            Ceremony::Success(_) => EnrollmentState::Success,
        }
    }

    /// What the authenticator has to sign to complete it; none, once it is completed.
    #[must_use]
    pub const fn challenge(&self) -> Option<&PublicChallenge> {
        match &self.0.ceremony {
            Ceremony::Pending { challenge, .. } => Some(challenge),
            Ceremony::Success(_) => None,
        }
    }

    /// The credential, once it is completed.
    #[must_use]
    pub const fn credential(&self) -> Option<&Credential> {
        match &self.0.ceremony {
            Ceremony::Pending { .. } => None,
            Ceremony::Success(credential) => Some(credential),
        }
    }

    /// Answers that did not pass the registration ceremony so far.
    pub(crate) const fn rejected(&self) -> u32 {
        match self.0.ceremony {
            Ceremony::Pending { rejected, .. } => rejected,
            Ceremony::Success(_) => 0,
        }
    }

    /// The enrollment after one more answer did not pass the registration ceremony.
    pub(crate) fn after_rejection(&self, now: Timestamp) -> Self {
        let mut next = self.touched(now);
        if let Ceremony::Pending { rejected, .. } = &mut next.0.ceremony {
            *rejected = rejected.saturating_add(1);
        }
        next
    }

    /// The user handle that the credential was made with, if its creator chose one.
    pub(crate) const fn user_handle(&self) -> Option<&UserHandle> {
        self.0.user_handle.as_ref()
    }

    /// The enrollment, completed by a credential that was made with that user handle of its creator's choice.
    pub(crate) fn completed(&self, credential: Credential, user_handle: Option<UserHandle>, now: Timestamp) -> Self {
        let mut next = self.touched(now);
        next.0.user_handle = user_handle;
        next.0.ceremony = Ceremony::Success(credential);
        next
    }

    /// The enrollment after its credential was used, where that changes anything.
    pub(crate) fn used(&self, asserted: &Asserted, now: Timestamp) -> Option<Self> {
        let mut next = self.touched(now);
        let Ceremony::Success(credential) = &mut next.0.ceremony else { return None };
        if (credential.sign_count, credential.backed_up) == (asserted.sign_count, asserted.backed_up) {
            return None;
        }
        credential.sign_count = asserted.sign_count;
        credential.backed_up = asserted.backed_up;
        Some(next)
    }

    pub(crate) fn named(&self, name: String, now: Timestamp) -> Self {
        let mut next = self.touched(now);
        next.0.name = Some(name);
        next
    }

    pub(crate) const fn body(&self) -> &Body {
        &self.0
    }

    fn touched(&self, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.0.updated = now.max(self.0.updated);
        next
    }
}

impl EnrollmentRecord for WebauthnEnrollment {
    const KIND: Kind = Kind::WebauthnEnrollment;
    type Body = Body;

    fn from_body(body: Body) -> Self {
        Self(body)
    }

    fn shown(&self) -> Enrollment<'_> {
        self.into()
    }

    fn created(&self) -> Timestamp {
        self.0.created
    }

    fn is_completed(&self) -> bool {
        self.is_completed()
    }
}

impl fmt::Debug for WebauthnEnrollment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebauthnEnrollment")
            .field("id", &self.0.id)
            .field("owner", &self.0.owner)
            .field("relying_party", &self.0.relying_party)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
