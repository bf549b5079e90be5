#![allow(clippy::unwrap_used)]

use challenges_core::{Factor, Timestamp};
use maud::Render as _;
use strum::VariantNames as _;

use super::{FormError, When, overview};
use crate::words::Words;

const FACTORS: [Factor; 8] = [
    Factor::Totp,
    Factor::TotpEnrollment,
    Factor::Code,
    Factor::MessageCode,
    Factor::EmailCode,
    Factor::Confirmation,
    Factor::Number,
    Factor::RecoveryCode,
];

const STATES: [&str; 6] =
    ["pending", "issued", "challenge_failed", "challenge_passed", "challenge_declined", "timed_out"];

#[test]
fn every_name_has_a_message() {
    let words = Words::negotiate("en");
    let ids = |prefix: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{prefix}{}", name.replace('_', "-"))).collect()
    };
    let kinds = ["totp", "passkey", "phone", "email", "browser", "device", "all-devices"];
    let ids = [
        ids("account-error-", FormError::VARIANTS),
        ids("account-done-", &overview::CHANGES),
        ids("account-lock-", &FACTORS.map(Factor::as_str)),
        ids("account-state-", &STATES),
        ids("account-removal-", &kinds),
        // An issued challenge is open.
        ids("answer-state-", &STATES).into_iter().filter(|id| id != "answer-state-issued").collect(),
    ];
    for id in ids.into_iter().flatten() {
        assert_ne!(words.count(&id, 2), id);
    }
    assert_eq!(words.text("account-error-unknown"), "account-error-unknown", "control");
}

/// In Arabic, the parts of the minute would change places without the direction.
#[test]
fn time_reads_from_left_to_right() {
    let time = When(Timestamp::from_seconds(1_800_000_001));
    let expected = |minute: &str, exact: &str| format!(r#"<time datetime="{exact}" dir="ltr">{minute} UTC</time>"#);
    assert_eq!(time.render().into_string(), expected("2027-01-15 08:00", "2027-01-15T08:00:01.000Z"));
    let end = time.next_minute().render().into_string();
    assert_eq!(end, expected("2027-01-15 08:01", "2027-01-15T08:01:00.000Z"), "not too early");
}
