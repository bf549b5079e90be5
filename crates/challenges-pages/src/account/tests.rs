#![allow(clippy::unwrap_used)]

use challenges_core::Factor;
use strum::VariantNames as _;

use super::{FormError, overview};
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
