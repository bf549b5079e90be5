//! The settings of the account pages.

use challenges_core::ChallengeType;
use challenges_core::webauthn::RelyingPartyId;

/// The settings of the account pages.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The types of factors that users can add.
    pub(crate) offers: Vec<ChallengeType>,
    /// The relying party of new passkeys, if not the host of the origin.
    pub(crate) relying_party: Option<RelyingPartyId>,
    pub(crate) push_key: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { offers: vec![ChallengeType::Totp, ChallengeType::Webauthn], relying_party: None, push_key: None }
    }
}
