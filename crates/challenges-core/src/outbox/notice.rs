use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::challenge_type::ChallengeType;
use crate::factor::Factor;

/// A change of an account. The user receives a notice, so that a thief cannot change factors unnoticed.
///
/// The commit of the change queues the notice to every phone number, e-mail address and push subscription that was
/// confirmed and enabled before the change, within the limits below:
///
/// - A removed or disabled address receives the notice of its removal. An added address receives no notice of its
///   addition.
/// - A queued notice is sent even if the address is removed afterwards, unless another account registers the removed push
///   subscription before.
/// - With [`Policy::notify_host`](crate::Policy::notify_host), the courier also receives each notice as
///   [`Errand::Notice`](super::Errand::Notice).
///
/// # Limits
///
/// [`SendPolicy::notices_per_user`](crate::policy::SendPolicy::notices_per_user) bounds the notices. A change over the
/// limit is made without a notice to the addresses. The oldest address of each kind receives every notice within the
/// limit, and [`SendPolicy::notice_copies_per_user`](crate::policy::SendPolicy::notice_copies_per_user) bounds the
/// messages to the other addresses. Each refusal is observed as
/// [`Observation::SendLimited`](crate::Observation::SendLimited). Notices take nothing from the other limits of the
/// user, and other messages take nothing from the notices. [`Locked`](Self::Locked) is counted apart, because anybody
/// can cause a lock and must not use up the notices of other changes. So is a subscription that a browser replaced
/// ([`Endpoints::renew_push`](crate::endpoints::Endpoints::renew_push)), which needs no grant.
///
/// # Changes without a notice
///
/// - a pending enrollment or unconfirmed address, created or deleted
/// - a device that a user or administrator revokes
/// - an address deleted because the receiver is gone, the browser signed out, or another user registered the
///   subscription
/// - [`Account::erase`](crate::Account::erase), which deletes queued notices too
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Notice {
    /// An enrollment or address was completed, or a push subscription has other keys.
    Added(ChallengeType),
    /// A completed enrollment or address was deleted.
    Removed(ChallengeType),
    /// An address was enabled.
    Enabled(ChallengeType),
    /// An address was disabled.
    Disabled(ChallengeType),
    /// An administrator imported an enrollment of another system.
    Imported(ChallengeType),
    /// Too many wrong answers delayed a factor for the first time since the last success, or disabled the factor.
    Locked(Factor),
    /// Recovery codes were generated. Earlier codes are refused.
    RecoveryCodesGenerated,
    /// Recovery codes were deleted.
    RecoveryCodesDeleted,
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// The number of usable codes left.
        left: usize,
    },
    /// A device was trusted.
    DeviceTrusted,
    /// The trust in a device ended, because an earlier secret came back: the cookie was copied.
    DeviceStolen,
    /// An administrator cleared the failures of the user, or unlocked the account, which also ends trusted devices.
    Reset,
}

impl Notice {
    /// Returns the name of the change, such as `recovery_code_used`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether a person without any right to the account can cause the change.
    pub(crate) const fn is_caused_by_anybody(self) -> bool {
        match self {
            Self::Locked(_) => true,
            Self::Added(_)
            | Self::Removed(_)
            | Self::Enabled(_)
            | Self::Disabled(_)
            | Self::Imported(_)
            | Self::RecoveryCodesGenerated
            | Self::RecoveryCodesDeleted
            | Self::RecoveryCodeUsed { .. }
            | Self::DeviceTrusted
            | Self::DeviceStolen
            | Self::Reset => false,
        }
    }
}
