//! The lifetime of a challenge.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// The lifetime of a challenge, from creation: 1 to 86,400 whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Timeout(u32);

impl Timeout {
    /// The longest timeout: one day, in seconds.
    pub const MAX: u64 = 86_400;

    /// Creates a timeout of whole seconds.
    ///
    /// # Errors
    ///
    /// [`Invalid::Timeout`] when `seconds` is not 1 to 86,400.
    pub fn from_seconds(seconds: u64) -> Result<Self, Invalid> {
        let valid = (1..=Self::MAX).contains(&seconds).then_some(seconds);
        let seconds = valid.and_then(|seconds| u32::try_from(seconds).ok());
        seconds.map(Self).ok_or(Invalid::Timeout { max: Self::MAX })
    }

    /// Returns the timeout in whole seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0
    }

    /// Returns the timeout as a [`Duration`].
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl TryFrom<u64> for Timeout {
    type Error = Invalid;

    fn try_from(seconds: u64) -> Result<Self, Invalid> {
        Self::from_seconds(seconds)
    }
}
