//! The settings of the account pages.

use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{ChallengeType, Origin};

/// The settings of the account pages.
#[derive(Clone, Debug)]
pub(crate) struct AccountSettings {
    /// The types of factors that users can add.
    pub(crate) offers: Vec<ChallengeType>,
    /// The relying party of new passkeys, if not the host of the origin.
    pub(crate) relying_party: Option<RelyingPartyId>,
    pub(crate) push_key: Option<String>,
}

impl AccountSettings {
    /// Returns the relying party of new passkeys, or `None` if the origin has an address and not a name.
    pub(crate) fn relying_party(&self, origin: &Origin) -> Option<RelyingPartyId> {
        let of_origin = || url::Url::parse(origin.as_str()).ok()?.host_str()?.parse().ok();
        self.relying_party.clone().or_else(of_origin)
    }
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self { offers: vec![ChallengeType::Totp, ChallengeType::Webauthn], relying_party: None, push_key: None }
    }
}
