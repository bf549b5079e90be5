//! The texts of notices.

use challenges_core::outbox::{Errand, Notice};
use challenges_core::{ChallengeType, Factor};
use challenges_delivery::NoticeText;

use super::marks::without_marks;
use crate::account::When;
use crate::words::Words;

/// The number of recovery codes at which users are told to generate new ones.
const FEW: usize = 2;

/// Returns the texts of notices in a language.
pub(super) fn text(words: &Words) -> NoticeText {
    let words = words.clone();
    NoticeText::new(move |job, notice, at| {
        let change = change(&words, notice);
        let mut text = words.with("message-notice", &[("change", change.as_str())]);
        if let (Errand::Email { .. }, Some(time)) = (&job.errand, When(at).minute()) {
            let time = words.with("message-notice-time", &[("time", time.as_str())]);
            text = format!("{text}\n\n{time}");
        }
        (words.text("message-notice-title"), without_marks(&text))
    })
}

#[warn(
    clippy::match_wildcard_for_single_variants,
    clippy::wildcard_enum_match_arm,
    reason = "the catch-all arm is for later releases of core; whatever this release knows has a text"
)]
fn change(words: &Words, notice: Notice) -> String {
    let of = |id, what| words.with(id, &[("what", words.text(what).as_str())]);
    match notice {
        Notice::Added(kind) => of("message-added", factor(kind)),
        Notice::Removed(kind) => of("message-removed", factor(kind)),
        Notice::Enabled(kind) => of("message-enabled", factor(kind)),
        Notice::Disabled(kind) => of("message-disabled", factor(kind)),
        Notice::Imported(kind) => of("message-imported", factor(kind)),
        Notice::Locked(factor) => of("message-locked", answers(factor)),
        Notice::RecoveryCodesGenerated => words.text("message-recovery-codes-generated"),
        Notice::RecoveryCodesDeleted => words.text("message-recovery-codes-deleted"),
        Notice::RecoveryCodeUsed { left } if left <= FEW => words.count("message-recovery-code-used-few", left),
        Notice::RecoveryCodeUsed { left } => words.count("message-recovery-code-used", left),
        Notice::DeviceTrusted => words.text("message-device-trusted"),
        Notice::DeviceStolen => words.text("message-device-stolen"),
        Notice::Reset => words.text("message-reset"),
        _ => words.text("message-changed"),
    }
}

#[warn(
    clippy::match_wildcard_for_single_variants,
    clippy::wildcard_enum_match_arm,
    reason = "the catch-all arm is for later releases of core; whatever this release knows has a text"
)]
const fn factor(kind: ChallengeType) -> &'static str {
    match kind {
        ChallengeType::Totp => "message-what-totp",
        ChallengeType::Webauthn => "message-what-passkey",
        ChallengeType::Sms => "message-what-phone",
        ChallengeType::WebPush => "message-what-browser",
        ChallengeType::Email => "message-what-email",
        ChallengeType::Code | ChallengeType::RecoveryCode => "message-wrong-code",
        _ => "message-what-other",
    }
}

#[warn(
    clippy::match_wildcard_for_single_variants,
    clippy::wildcard_enum_match_arm,
    reason = "the catch-all arm is for later releases of core; whatever this release knows has a text"
)]
const fn answers(factor: Factor) -> &'static str {
    match factor {
        Factor::Totp | Factor::TotpEnrollment => "message-wrong-totp",
        Factor::RecoveryCode => "message-wrong-recovery-code",
        Factor::MessageCode | Factor::Number => "message-wrong-sms",
        Factor::EmailCode => "message-wrong-email",
        Factor::Confirmation => "message-wrong-confirmation",
        Factor::Code => "message-wrong-code",
        _ => "message-what-other",
    }
}
