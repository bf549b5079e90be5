use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Totp};

use crate::enrollment::TotpKey;
use crate::time::Timestamp;

/// Seconds of a time step (RFC 6238 section 4.1, X).
pub(crate) const STEP_SECONDS: u64 = 30;
/// Digits of a code (RFC 4226 section 5.3).
pub(crate) const DIGITS: u8 = 6;

/// The number of a time step of 30 seconds since the Unix epoch (RFC 6238 section 4.2, T).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeStep(u64);

impl TimeStep {
    /// The step of that time.
    #[must_use]
    pub const fn at(time: Timestamp) -> Self {
        Self(time.as_seconds() / STEP_SECONDS)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Whether the text could be a code at all: six ASCII digits, nothing before, between or after them.
pub(crate) fn is_well_formed(code: &str) -> bool {
    code.len() == usize::from(DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The newest step, later than `mark` and at most `skew` steps from `now`, of which `code` is the code.
///
/// The whole window is walked whether or not one matches. The newest counts, not the oldest: a fresh code that happens
/// to equal an older one must not be taken for it, or it would be refused as used.
pub(crate) fn newest_match(
    key: &TotpKey,
    code: &str,
    now: Timestamp,
    skew: u8,
    mark: Option<TimeStep>,
) -> Option<TimeStep> {
    let totp = generator(key);
    let present = TimeStep::at(now).0;
    let window = present.saturating_sub(skew.into())..=present.saturating_add(skew.into());
    window.fold(None, |newest, step| {
        let matches = totp.check(code, step.saturating_mul(STEP_SECONDS)).is_some();
        let unused = mark.is_none_or(|mark| step > mark.0);
        if matches && unused { Some(TimeStep(step)) } else { newest }
    })
}

/// HOTP with SHA-1, six digits and steps of 30 seconds; no window of its own.
pub(crate) fn generator(key: &TotpKey) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP_SECONDS)
        .with_skew(0)
        .with_secret(key.expose().as_slice())
        .build_noncompliant()
}

#[cfg(test)]
mod tests;
