use challenges_core::ChallengeType;
use challenges_core::webauthn::RelyingPartyId;

use super::PagesBuilder;

impl PagesBuilder {
    /// Sets the types of factors and addresses that users can add. Other types are ignored. Existing factors of a type
    /// that is not offered are still shown, and can be removed.
    ///
    /// | type | needs |
    /// |---|---|
    /// | `Totp` | |
    /// | `Webauthn` | a service built with WebAuthn; not offered otherwise |
    /// | `Sms`, `Email` | a courier that sends such messages |
    pub fn offers(mut self, kinds: impl IntoIterator<Item = ChallengeType>) -> Self {
        self.account.offers = kinds.into_iter().collect();
        self
    }

    /// Sets the relying party of new passkeys: the host of the origin, or a registrable parent domain.
    pub fn relying_party(mut self, id: RelyingPartyId) -> Self {
        self.account.relying_party = Some(id);
        self
    }

    /// Offers push messages to browsers. `key` is the public key of the application server in base64url (RFC 8292
    /// section 3.2), as returned by `VapidKey::public_key` of `challenges-delivery`.
    pub fn push_key(mut self, key: impl Into<String>) -> Self {
        self.account.push_key = Some(key.into());
        self
    }
}
