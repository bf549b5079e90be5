use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Totp};

use super::TotpEnrollment;
use super::parameters::{Digest, PERIOD, Parameters};
use crate::engine::{Engine, Now, Versioned};
use crate::error::Error;
use crate::store::Write;
use crate::time::Timestamp;

/// The number of a time step since the Unix epoch (RFC 6238 section 4.2, T). A step lasts the period of the enrollment,
/// so steps of enrollments with different periods cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeStep(u64);

impl TimeStep {
    /// Returns the step of 30 seconds that contains `time`.
    #[must_use]
    pub const fn at(time: Timestamp) -> Self {
        Self::of(time, PERIOD)
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Returns the step of `period` seconds that contains `time`.
    pub(super) const fn of(time: Timestamp, period: u64) -> Self {
        Self(time.as_seconds() / period)
    }
}

/// Computes the codes of one enrollment, and compares answers with them.
pub(super) struct Generator {
    /// Checks a single step; `newest_match` tries the steps of the window.
    totp: Totp,
    parameters: Parameters,
}

impl Generator {
    pub(super) fn new(key: &[u8], parameters: Parameters) -> Self {
        let algorithm = match parameters.digest {
            Digest::Sha1 => Algorithm::SHA1,
            Digest::Sha256 => Algorithm::SHA256,
            Digest::Sha512 => Algorithm::SHA512,
        };
        let totp = Builder::new()
            .with_algorithm(algorithm)
            .with_digits(parameters.digits())
            .with_step_duration(parameters.period())
            .with_skew(0)
            .with_secret(key)
            .build_noncompliant();
        Self { totp, parameters }
    }

    /// Returns the newest step with this code, later than `mark` and at most `skew` steps from `now`.
    ///
    /// The whole window is compared whether or not a step matches. The newest match counts, because a fresh code can
    /// equal an older code of the window and would then be refused as used.
    pub(super) fn newest_match(
        &self,
        code: &str,
        now: Timestamp,
        skew: u8,
        mark: Option<TimeStep>,
    ) -> Option<TimeStep> {
        let current = self.parameters.step(now).0;
        let window = current.saturating_sub(skew.into())..=current.saturating_add(skew.into());
        window.fold(None, |newest, step| {
            let matches = self.totp.check(code, step.saturating_mul(self.parameters.period())).is_some();
            let unused = mark.is_none_or(|mark| step > mark.0);
            if matches && unused { Some(TimeStep(step)) } else { newest }
        })
    }
}

/// The result of comparing an answer with the authenticators of a user.
pub(crate) enum CodeMatch {
    /// There is no enrollment to compare with, or the answer does not have the form of a code.
    NothingToCompare,
    /// No unused code in the window matches.
    Wrong,
    /// A code matches.
    Right {
        /// The write of the enrollment, which uses up the code. Commit this write with the answer, or the code can be
        /// replayed.
        consumed: Write,
    },
}

/// Compares `code` with each of these completed enrollments whose codes have the length of `code`. The first match
/// counts.
///
/// A key that does not open is an error and never a wrong answer.
pub(crate) fn compare(
    engine: &Engine,
    enrollments: &[&Versioned<TotpEnrollment>],
    code: &str,
    now: Now,
) -> Result<CodeMatch, Error> {
    let comparable = |found: &&&Versioned<TotpEnrollment>| found.value.parameters().is_well_formed(code);
    let mut comparable = enrollments.iter().filter(comparable).peekable();
    if comparable.peek().is_none() {
        return Ok(CodeMatch::NothingToCompare);
    }
    let mut matched = None;
    for Versioned { value, version } in comparable {
        let generator = value.generator(&engine.keys)?;
        let step = generator.newest_match(code, now.clock, engine.policy.totp_skew, value.mark());
        matched = matched.or(step.map(|step| (value.after_use(step, now.latest), *version)));
    }
    let Some((used, version)) = matched else { return Ok(CodeMatch::Wrong) };
    Ok(CodeMatch::Right { consumed: engine.put(&used, Some(version))? })
}

#[cfg(test)]
mod tests;
