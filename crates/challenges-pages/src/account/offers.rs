//! The types of factors that users can add.

use challenges_core::ChallengeType;
use challenges_core::webauthn::RelyingPartyId;

use crate::pages::Pages;
use crate::problem::Problem;

/// Returns whether users can add factors of a type.
pub(super) fn offers(pages: &Pages, kind: ChallengeType) -> bool {
    let settings = &pages.shared.account;
    match kind {
        ChallengeType::WebPush => settings.push_key.is_some(),
        ChallengeType::Webauthn => {
            let has_webauthn = |id| pages.shared.challenges.webauthn_origins(&id).is_some();
            settings.offers.contains(&kind) && relying_party(pages).is_some_and(has_webauthn)
        }
        _ => settings.offers.contains(&kind),
    }
}

/// Refuses the pages for a type of factor that users cannot add.
pub(super) fn check_offered(pages: &Pages, kind: ChallengeType) -> Result<(), Problem> {
    if offers(pages, kind) { Ok(()) } else { Err(Problem::NoSuchPage) }
}

/// Returns the relying party of new passkeys, or `None` if the origin is an address and not a name.
pub(super) fn relying_party(pages: &Pages) -> Option<RelyingPartyId> {
    pages.shared.account.relying_party(&pages.shared.origin)
}
