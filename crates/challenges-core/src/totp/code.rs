use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Totp};

use super::TotpEnrollment;
use crate::engine::{Engine, Now, Versioned};
use crate::error::Error;
use crate::store::Write;
use crate::time::Timestamp;

/// The length of a time step of new enrollments, in seconds (RFC 6238 section 4.1, X).
pub(super) const PERIOD: u64 = 30;
/// The number of digits in a code of new enrollments (RFC 4226 section 5.3).
pub(super) const DIGITS: u8 = 6;

/// The hash function below the HMAC (RFC 6238 section 1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Digest {
    #[default]
    Sha1,
    Sha256,
    Sha512,
}

/// The parameters of the codes of an enrollment. New enrollments have the default, because many authenticator apps
/// ignore other parameters. Imported enrollments keep theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct Parameters {
    pub(super) digest: Digest,
    digits: u8,
    period: u64,
}

/// The stored form, before the check of the bounds.
#[derive(Deserialize)]
struct Stored {
    digest: Digest,
    digits: u8,
    period: u64,
}

impl Parameters {
    /// Returns `None` unless `digits` is 6 to 8 and `period` is 30 or 60 seconds.
    pub(crate) fn new(digest: Digest, digits: u8, period: u64) -> Option<Self> {
        let is_supported = (6..=8).contains(&digits) && [30, 60].contains(&period);
        is_supported.then_some(Self { digest, digits, period })
    }

    pub(super) const fn digits(self) -> u8 {
        self.digits
    }

    /// Returns the length of a time step in seconds.
    pub(super) const fn period(self) -> u64 {
        self.period
    }

    /// Returns the time step that contains `time`.
    pub(super) const fn step(self, time: Timestamp) -> TimeStep {
        TimeStep::of(time, self.period)
    }

    /// Returns whether `code` has the form of a code: the right number of ASCII digits and nothing else.
    pub(super) fn is_well_formed(self, code: &str) -> bool {
        code.len() == usize::from(self.digits) && code.bytes().all(|byte| byte.is_ascii_digit())
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self { digest: Digest::Sha1, digits: DIGITS, period: PERIOD }
    }
}

impl TryFrom<Stored> for Parameters {
    type Error = &'static str;

    fn try_from(Stored { digest, digits, period }: Stored) -> Result<Self, Self::Error> {
        Self::new(digest, digits, period).ok_or("codes have 6 to 8 digits and a period of 30 or 60 seconds")
    }
}

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

/// Returns the enrollments whose codes have the form of `code`.
pub(crate) fn comparable<'e>(
    enrollments: &[&'e Versioned<TotpEnrollment>],
    code: &str,
) -> Vec<&'e Versioned<TotpEnrollment>> {
    enrollments.iter().copied().filter(|found| found.value.parameters().is_well_formed(code)).collect()
}

/// Compares `code` with each of these completed enrollments. Returns the write of the first match, or `None` when no
/// unused code in the window matches. The write uses up the code: commit it with the answer, or the code can be
/// replayed.
///
/// A key that does not open is an error and never a wrong answer.
pub(crate) fn verify(
    engine: &Engine,
    comparable: &[&Versioned<TotpEnrollment>],
    code: &str,
    now: Now,
) -> Result<Option<Write>, Error> {
    let mut matched = None;
    for Versioned { value, version } in comparable {
        let generator = value.generator(&engine.keys)?;
        let step = generator.newest_match(code, now.clock, engine.policy.totp_skew, value.mark());
        matched = matched.or(step.map(|step| (value.after_use(step, now.latest), *version)));
    }
    matched.map(|(used, version)| engine.put(&used, Some(version))).transpose()
}

#[cfg(test)]
mod tests;
