use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Totp};

use super::TotpKey;
use crate::time::Timestamp;

/// The length of a time step in seconds (RFC 6238 section 4.1, X).
pub(super) const STEP_SECONDS: u64 = 30;
/// The number of digits of a code (RFC 4226 section 5.3).
pub(super) const DIGITS: u8 = 6;

/// The number of a time step of 30 seconds since the Unix epoch (RFC 6238 section 4.2, T).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeStep(u64);

impl TimeStep {
    /// Returns the step that contains `time`.
    #[must_use]
    pub const fn at(time: Timestamp) -> Self {
        Self(time.as_seconds() / STEP_SECONDS)
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Returns whether `code` has the form of a code: six ASCII digits and nothing else.
pub(super) fn is_well_formed(code: &str) -> bool {
    code.len() == usize::from(DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the newest step with this code, later than `mark` and at most `skew` steps from `now`.
///
/// The whole window is compared whether or not a step matches. The newest match counts, because a fresh code can equal
/// an older code of the window and would then be refused as used.
pub(super) fn newest_match(
    key: &TotpKey,
    code: &str,
    now: Timestamp,
    skew: u8,
    mark: Option<TimeStep>,
) -> Option<TimeStep> {
    let totp = generator(key);
    let current = TimeStep::at(now).0;
    let window = current.saturating_sub(skew.into())..=current.saturating_add(skew.into());
    window.fold(None, |newest, step| {
        let matches = totp.check(code, step.saturating_mul(STEP_SECONDS)).is_some();
        let unused = mark.is_none_or(|mark| step > mark.0);
        if matches && unused { Some(TimeStep(step)) } else { newest }
    })
}

/// Returns a generator of codes: SHA-1, six digits, steps of 30 seconds, without a window: the caller tries the steps.
fn generator(key: &TotpKey) -> Totp {
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
