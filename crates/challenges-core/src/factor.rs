//! The guessable factors, with failures counted per user.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr};

/// A guessable factor. Consecutive failures count per user, over all challenges. Assertions and 128-bit secrets cannot
/// be guessed, and have no factor here.
#[derive(
    Clone, Copy, Debug, EnumCount, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Factor {
    /// TOTP codes for answering challenges.
    Totp,
    /// TOTP codes for completing enrollments. Counted apart, so that enrolling another key clears no failures.
    TotpEnrollment,
    /// Short codes of `code` challenges. A right code clears the failures of its own challenge only: the creator of a
    /// challenge is told the code, and may be the user. The failures of abandoned challenges count towards disabling
    /// until [`Account::unlock`](crate::Account::unlock) or [`Account::reset_factor`](crate::Account::reset_factor). The
    /// delays start again after a pause of [`longest_delay`](crate::Policy::longest_delay) times
    /// [`failures_before_disabled`](crate::Policy::failures_before_disabled), by default 100 hours.
    Code,
    /// Short codes of text messages for answering challenges.
    MessageCode,
    /// Short codes of e-mails for answering challenges. Counted apart, so that the reader of a mailbox clears no failures
    /// of text messages.
    EmailCode,
    /// Codes for confirming phone numbers and e-mail addresses.
    Confirmation,
    /// Numbers of number matching, given with the right secret of the link.
    Number,
    /// Recovery codes.
    RecoveryCode,
}

impl Factor {
    /// All factors.
    pub const ALL: [Self; <Self as EnumCount>::COUNT] = [
        Self::Totp,
        Self::TotpEnrollment,
        Self::Code,
        Self::MessageCode,
        Self::EmailCode,
        Self::Confirmation,
        Self::Number,
        Self::RecoveryCode,
    ];

    /// Returns the name of the factor in labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
