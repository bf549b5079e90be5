use super::WebauthnFactor;
use super::factor::RegistrationState;
use super::old_credential::OldCredential;
use crate::ceremony::{
    Asserted, AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Credential, CredentialId, Preference,
    PublicChallenge, RelyingPartyId, UserHandle,
};
use crate::enrollment::Enrollment;
use crate::time::Timestamp;

/// The enrollment of a WebAuthn credential.
pub type WebauthnEnrollment = Enrollment<WebauthnFactor>;

impl WebauthnEnrollment {
    /// Returns the display name, if the enrollment was [named](super::Webauthn::rename).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.factor().name.as_deref()
    }

    /// Returns the relying party of the credential.
    #[must_use]
    pub const fn relying_party_id(&self) -> &RelyingPartyId {
        &self.factor().relying_party
    }

    /// Returns the preference for user verification, at registration and at every use.
    #[must_use]
    pub const fn user_verification(&self) -> Preference {
        self.factor().user_verification
    }

    /// Returns the preference for a discoverable credential.
    #[must_use]
    pub const fn resident_key(&self) -> Preference {
        self.factor().resident_key
    }

    /// Returns the attachment of the authenticators that the browser offers; `None` for any.
    #[must_use]
    pub const fn authenticator_attachment(&self) -> Option<AuthenticatorAttachment> {
        self.factor().authenticator_attachment
    }

    /// Returns the kinds of authenticators offered first by the browser, in descending order of preference.
    #[must_use]
    pub fn hints(&self) -> &[AuthenticatorHint] {
        &self.factor().hints
    }

    /// Returns the requested attestation; `None` for the default of the host.
    #[must_use]
    pub const fn attestation_conveyance(&self) -> Option<AttestationConveyance> {
        self.factor().attestation_conveyance
    }

    /// Returns the host's note on the attestation format. The note has no effect.
    #[must_use]
    pub fn attestation_format(&self) -> Option<&str> {
        self.factor().attestation_format.as_deref()
    }

    /// Returns the host's note on the use of the credential. The note has no effect.
    #[must_use]
    pub fn http_endpoint(&self) -> Option<&str> {
        self.factor().http_endpoint.as_deref()
    }

    /// Returns the challenge for the authenticator to sign; `None` once the enrollment is completed.
    #[must_use]
    pub const fn challenge(&self) -> Option<&PublicChallenge> {
        match &self.factor().ceremony {
            RegistrationState::Pending { challenge, .. } => Some(challenge),
            RegistrationState::Importing { .. } | RegistrationState::Success(_) => None,
        }
    }

    /// Returns the credential; `None` while the enrollment is pending.
    #[must_use]
    pub const fn credential(&self) -> Option<&Credential> {
        match &self.factor().ceremony {
            RegistrationState::Pending { .. } | RegistrationState::Importing { .. } => None,
            RegistrationState::Success(credential) => Some(credential),
        }
    }

    /// Returns the id of the credential to import, or already imported or registered.
    pub(super) const fn credential_id(&self) -> Option<&CredentialId> {
        match &self.factor().ceremony {
            RegistrationState::Pending { .. } => None,
            RegistrationState::Importing { credential } => Some(credential),
            RegistrationState::Success(credential) => Some(&credential.id),
        }
    }

    /// Returns the number of responses that failed the registration ceremony.
    pub(super) const fn rejected(&self) -> u32 {
        match self.factor().ceremony {
            RegistrationState::Pending { rejected, .. } => rejected,
            RegistrationState::Importing { .. } | RegistrationState::Success(_) => 0,
        }
    }

    /// Returns the user handle of the credential, if chosen by the caller or imported.
    pub(super) const fn user_handle(&self) -> Option<&UserHandle> {
        self.factor().user_handle.as_ref()
    }

    /// Returns whether the user handle of the credential is not known.
    pub(super) const fn has_any_user_handle(&self) -> bool {
        self.factor().any_user_handle
    }

    /// Returns the enrollment after a response failed the registration ceremony.
    pub(super) fn after_rejection(&self, now: Timestamp) -> Self {
        self.changed(now, |factor| match &mut factor.ceremony {
            RegistrationState::Pending { rejected, .. } => *rejected = rejected.saturating_add(1),
            RegistrationState::Importing { .. } | RegistrationState::Success(_) => {}
        })
    }

    /// Returns the enrollment completed by a credential. `user_handle` is the caller's own choice, if any.
    pub(super) fn completed(&self, credential: Credential, user_handle: Option<UserHandle>, now: Timestamp) -> Self {
        self.changed(now, |factor| {
            factor.user_handle = user_handle;
            factor.ceremony = RegistrationState::Success(credential);
        })
    }

    /// Returns the enrollment after an assertion; `None` if the assertion changes nothing.
    pub(super) fn after_use(&self, asserted: &Asserted, now: Timestamp) -> Option<Self> {
        let before = self.credential()?;
        let is_unchanged = (before.sign_count, before.backed_up) == (asserted.sign_count, asserted.backed_up);
        if is_unchanged && !self.factor().unproven {
            return None;
        }
        let credential =
            Credential { sign_count: asserted.sign_count, backed_up: asserted.backed_up, ..before.clone() };
        Some(self.changed(now, |factor| {
            factor.unproven = false;
            factor.ceremony = RegistrationState::Success(credential);
        }))
    }

    /// Returns the enrollment completed by an imported credential.
    pub(super) fn imported(&self, old: &OldCredential, now: Timestamp) -> Self {
        let ceremony = RegistrationState::Success(old.credential.clone());
        self.changed(now, |factor| *factor = WebauthnFactor::imported(old, ceremony))
    }

    pub(super) fn renamed(&self, name: String, now: Timestamp) -> Self {
        self.changed(now, |factor| factor.name = Some(name))
    }
}
