use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use challenges_core::outbox::{Errand, Job, Notice};
use challenges_core::{ChallengeType, Factor, Timestamp};

const END: &str = "If this was not you, check your account now.";

/// The texts of [notices](challenges_core::outbox::Notice): a title and a text for each change.
///
/// | part | shown as |
/// |---|---|
/// | title | the subject of e-mails, and the title of push messages; control characters become spaces |
/// | text | the content of text messages, e-mails and push messages |
///
/// The default is English. A default e-mail ends with the time of the change.
///
/// # Examples
///
/// ```
/// use challenges_core::outbox::Notice;
/// use challenges_delivery::NoticeText;
///
/// fn language_of(user: &str) -> &'static str {
///     // Ask the host's own table of users.
///     # "de"
/// }
///
/// let text = NoticeText::new(|job, notice, at| match (language_of(job.owner.user_id()), notice) {
///     ("de", Notice::RecoveryCodeUsed { left }) => (
///         "Ein Wiederherstellungscode wurde verwendet".to_owned(),
///         format!("Ein Wiederherstellungscode wurde verwendet, {left} sind übrig. Warst du das nicht, prüfe dein Konto."),
///     ),
///     _ => NoticeText::english(job, notice, at),
/// });
/// ```
#[derive(Clone)]
pub struct NoticeText(Arc<Text>);

/// Returns the title and the text of a notice.
type Text = dyn Fn(&Job, Notice, Timestamp) -> (String, String) + Send + Sync;

impl NoticeText {
    /// Creates the texts by a function of the job, the change and the time of the change. [`Job::owner`] is the user,
    /// whose language the host knows. The function returns the title and the text, and must not block.
    ///
    /// Do not add a link. Anybody can imitate such messages, so users should not learn to follow their links.
    pub fn new(text: impl Fn(&Job, Notice, Timestamp) -> (String, String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(text))
    }

    /// Returns the default title and text.
    #[must_use]
    pub fn english(job: &Job, notice: Notice, at: Timestamp) -> (String, String) {
        let change = change(notice);
        let time = match job.errand {
            Errand::Email { .. } => UNIX_EPOCH.checked_add(Duration::from_secs(at.as_seconds())),
            _ => None,
        };
        // The formatter knows no year after 9999.
        let time = time.filter(|_| at.as_seconds() < 253_402_300_800).map(httpdate::fmt_http_date);
        let time = time.map(|time| format!("\n\nTime: {time}")).unwrap_or_default();
        ("Your account was changed".to_owned(), format!("{change} {END}{time}"))
    }

    pub(crate) fn of(&self, job: &Job, notice: Notice, at: Timestamp) -> (String, String) {
        let Self(text) = self;
        let (title, text) = text(job, notice, at);
        (title.replace(|character: char| character.is_control(), " "), text)
    }
}

impl Default for NoticeText {
    fn default() -> Self {
        Self::new(Self::english)
    }
}

impl fmt::Debug for NoticeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoticeText").finish_non_exhaustive()
    }
}

#[warn(
    clippy::match_wildcard_for_single_variants,
    clippy::wildcard_enum_match_arm,
    reason = "the catch-all arm is for later releases of core; whatever this release knows has a text"
)]
fn change(notice: Notice) -> String {
    match notice {
        Notice::Added(kind) => format!("Added to your account: {}.", factor(kind)),
        Notice::Removed(kind) => format!("Removed from your account: {}.", factor(kind)),
        Notice::Enabled(kind) => format!("Switched on for your account: {}.", factor(kind)),
        Notice::Disabled(kind) => format!("Switched off for your account: {}.", factor(kind)),
        Notice::Imported(kind) => format!("Moved from an earlier system to your account: {}.", factor(kind)),
        Notice::Locked(factor) => format!("Too many wrong answers in your account: {}.", guessed(factor)),
        Notice::RecoveryCodesGenerated => {
            "New recovery codes were generated for your account. Earlier codes no longer work.".to_owned()
        }
        Notice::RecoveryCodesDeleted => "The recovery codes of your account were deleted.".to_owned(),
        Notice::RecoveryCodeUsed { left } if left <= 2 => {
            format!("A recovery code of your account was used, {left} left. Make new ones.")
        }
        Notice::RecoveryCodeUsed { left } => format!("A recovery code of your account was used, {left} left."),
        Notice::DeviceTrusted => "A browser now signs in to your account without a second factor.".to_owned(),
        Notice::DeviceStolen => {
            "The sign-in data of a browser was copied. The browser needs the second factor again.".to_owned()
        }
        Notice::Reset => "Support unlocked your account.".to_owned(),
        _ => "The ways to sign in to your account were changed.".to_owned(),
    }
}

#[warn(
    clippy::match_wildcard_for_single_variants,
    clippy::wildcard_enum_match_arm,
    reason = "the catch-all arm is for later releases of core; whatever this release knows has a text"
)]
const fn factor(kind: ChallengeType) -> &'static str {
    match kind {
        ChallengeType::Totp => "an authenticator app",
        ChallengeType::Webauthn => "a passkey",
        ChallengeType::Sms => "a phone number",
        ChallengeType::WebPush => "push messages to a browser",
        ChallengeType::Email => "an e-mail address",
        ChallengeType::Code | ChallengeType::RecoveryCode => "codes",
        _ => "a way to sign in",
    }
}

#[warn(
    clippy::match_wildcard_for_single_variants,
    clippy::wildcard_enum_match_arm,
    reason = "the catch-all arm is for later releases of core; whatever this release knows has a text"
)]
const fn guessed(factor: Factor) -> &'static str {
    match factor {
        Factor::Totp | Factor::TotpEnrollment => "codes from an authenticator app",
        Factor::RecoveryCode => "recovery codes",
        Factor::MessageCode | Factor::Number => "codes from text messages",
        Factor::EmailCode => "codes from e-mails",
        Factor::Confirmation => "codes for a new address",
        Factor::Code => "codes",
        _ => "a way to sign in",
    }
}

#[cfg(test)]
mod tests;
