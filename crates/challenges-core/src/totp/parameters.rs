use serde::{Deserialize, Serialize};

use super::TimeStep;
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
