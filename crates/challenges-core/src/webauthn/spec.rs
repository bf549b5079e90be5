use crate::ceremony::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Ceremonies, Preference, RelyingPartyId,
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
    /// The preference for user verification, at registration and at every use. [`Preference::Discouraged`] by default.
    ///
    /// With [`Preference::Preferred`], a credential registered with user verification needs verification at every use.
    /// The exception is a challenge that also admits a credential of the same relying party registered without user
    /// verification: the browser is then told that verification is optional.
    pub user_verification: Preference,
    /// The preference for a discoverable credential, or passkey. [`Preference::Preferred`] by default.
    ///
    /// - With [`Preference::Required`], the browser refuses authenticators without room for the credential.
    /// - With [`Preference::Preferred`], password managers offer to store the credential, often with a backup.
    /// - With [`Preference::Discouraged`], Android offers no password manager, and the credential is lost with the
    ///   device.
    pub resident_key: Preference,
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
            user_verification: Preference::Discouraged,
            resident_key: Preference::Preferred,
            authenticator_attachment: None,
            hints: Vec::new(),
            attestation_conveyance: None,
            attestation_format: None,
            http_endpoint: None,
        }
    }

    /// Sets the preference for user verification.
    #[must_use]
    pub fn with_user_verification(self, user_verification: Preference) -> Self {
        Self { user_verification, ..self }
    }

    /// Sets the preference for a discoverable credential.
    #[must_use]
    pub fn with_resident_key(self, resident_key: Preference) -> Self {
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
