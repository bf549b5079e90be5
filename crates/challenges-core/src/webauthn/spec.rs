use crate::ceremony::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Ceremonies, RelyingPartyId, ResidentKey,
    UserVerification,
};
use crate::error::Invalid;

/// The longest [`WebauthnEnrollmentSpec::attestation_format`], in bytes.
const MAX_ATTESTATION_FORMAT: usize = 255;
/// The longest [`WebauthnEnrollmentSpec::http_endpoint`], in bytes.
const MAX_HTTP_ENDPOINT: usize = 2_048;

/// The specification of a WebAuthn enrollment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebauthnEnrollmentSpec {
    /// The relying party of the new credential.
    pub relying_party_id: RelyingPartyId,
    /// The requirement on user verification, at registration and at every use.
    pub user_verification: UserVerification,
    /// The requirement on a discoverable credential, or passkey. [`ResidentKey::Preferred`] by default.
    pub resident_key: ResidentKey,
    /// The attachment of the authenticators that the browser offers; any by default.
    pub authenticator_attachment: Option<AuthenticatorAttachment>,
    /// The kinds of authenticators that the browser offers first, in descending order of preference. None by default.
    pub hints: Vec<AuthenticatorHint>,
    /// The attestation to request from the authenticator. By default
    /// [`Direct`](AttestationConveyance::Direct) if the host requires attestation, and
    /// [`None`](AttestationConveyance::None) otherwise.
    pub attestation_conveyance: Option<AttestationConveyance>,
    /// A note of the host, stored and returned without effect: at most 255 bytes.
    pub attestation_format: Option<String>,
    /// A note of the host, stored and returned without effect: at most 2,048 bytes.
    pub http_endpoint: Option<String>,
}

impl WebauthnEnrollmentSpec {
    /// Returns the specification of a credential for a relying party: user verification discouraged, a discoverable
    /// credential preferred, any authenticator, and no notes.
    #[must_use]
    pub const fn new(relying_party_id: RelyingPartyId) -> Self {
        Self {
            relying_party_id,
            user_verification: UserVerification::Discouraged,
            resident_key: ResidentKey::Preferred,
            authenticator_attachment: None,
            hints: Vec::new(),
            attestation_conveyance: None,
            attestation_format: None,
            http_endpoint: None,
        }
    }

    /// Sets the requirement on user verification.
    #[must_use]
    pub fn with_user_verification(self, user_verification: UserVerification) -> Self {
        Self { user_verification, ..self }
    }

    /// Sets the requirement on a discoverable credential.
    #[must_use]
    pub fn with_resident_key(self, resident_key: ResidentKey) -> Self {
        Self { resident_key, ..self }
    }

    /// Restricts the offered authenticators to one attachment.
    #[must_use]
    pub fn with_authenticator_attachment(self, attachment: AuthenticatorAttachment) -> Self {
        Self { authenticator_attachment: Some(attachment), ..self }
    }

    /// Sets the kinds of authenticators that the browser offers first. Repeated kinds are dropped.
    #[must_use]
    pub fn with_hints(mut self, hints: impl IntoIterator<Item = AuthenticatorHint>) -> Self {
        self.hints.clear();
        for hint in hints {
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        self
    }

    pub(super) fn check(&self, ceremonies: &dyn Ceremonies) -> Result<(), Invalid> {
        if ceremonies.origins(&self.relying_party_id).is_empty() {
            return Err(Invalid::RelyingParty);
        }
        let attestation = self.attestation_conveyance;
        if ceremonies.requires_attestation() && attestation.is_some_and(|asked| asked != AttestationConveyance::Direct)
        {
            return Err(Invalid::AttestationRequired);
        }
        let is_longer = |note: &Option<String>, max| note.as_ref().is_some_and(|note| note.len() > max);
        if is_longer(&self.attestation_format, MAX_ATTESTATION_FORMAT)
            || is_longer(&self.http_endpoint, MAX_HTTP_ENDPOINT)
        {
            return Err(Invalid::EnrollmentNote);
        }
        Ok(())
    }
}
