//! The settings of the account pages.

use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{ChallengeType, Owner};

use crate::builder::PagesBuilder;
use crate::pages::Pages;
use crate::problem::Problem;

/// The settings of the account pages.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The types of factors that users can add.
    offers: Vec<ChallengeType>,
    /// The relying party of new passkeys, if not the host of the origin.
    relying_party: Option<RelyingPartyId>,
    push_key: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { offers: vec![ChallengeType::Totp, ChallengeType::Webauthn], relying_party: None, push_key: None }
    }
}

impl PagesBuilder {
    /// Sets the types of factors and addresses that users can add. Other types are ignored. Existing factors of a type
    /// that is not offered are still shown, and can be removed.
    ///
    /// | type | needs |
    /// |---|---|
    /// | `Totp` | |
    /// | `Webauthn` | a service built with WebAuthn |
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

/// Returns whether users can add factors of a type.
pub(super) fn offers(pages: &Pages, kind: ChallengeType) -> bool {
    let settings = &pages.shared.account;
    match kind {
        ChallengeType::WebPush => settings.push_key.is_some(),
        ChallengeType::Webauthn => settings.offers.contains(&kind) && relying_party(pages).is_some(),
        _ => settings.offers.contains(&kind),
    }
}

/// Refuses the pages for a type of factor that users cannot add.
pub(super) fn check_offered(pages: &Pages, kind: ChallengeType) -> Result<(), Problem> {
    if offers(pages, kind) { Ok(()) } else { Err(Problem::NoSuchPage) }
}

/// Returns the relying party of new passkeys, or `None` if the origin is an address and not a name.
pub(super) fn relying_party(pages: &Pages) -> Option<RelyingPartyId> {
    let of_origin = || url::Url::parse(pages.shared.origin.as_str()).ok()?.host_str()?.parse().ok();
    pages.shared.account.relying_party.clone().or_else(of_origin)
}

/// Returns the public key for push subscriptions.
pub(super) fn push_key(pages: &Pages) -> Option<&str> {
    pages.shared.account.push_key.as_deref()
}

/// Returns the name of the user in authenticators.
pub(super) fn account_name(user: &Owner) -> &str {
    user.user_id()
}
