//! The purpose of a challenge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// The purpose of a challenge: 1 to 128 visible ASCII characters chosen by the host, such as `transfer` or
/// `recovery-phrase:show`. Purposes are compared exactly, and are not secret.
///
/// # Examples
///
/// ```
/// use challenges_core::Purpose;
///
/// # fn main() -> Result<(), challenges_core::Invalid> {
/// assert_eq!(Purpose::new("transfer")?.as_str(), "transfer");
/// assert!(Purpose::new("two words").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Purpose(String);

impl Purpose {
    /// The maximum length, in characters.
    pub const MAX: usize = 128;

    /// Creates the purpose with this name.
    ///
    /// # Errors
    ///
    /// [`Invalid::Purpose`] when the name is empty, longer than [`Purpose::MAX`], or contains anything but visible
    /// ASCII.
    pub fn new(name: impl Into<String>) -> Result<Self, Invalid> {
        let name = name.into();
        let fits = (1..=Self::MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(name)) } else { Err(Invalid::Purpose) }
    }

    /// Returns the purpose of challenges that admit changes of a user's factors: `manage-factors`. See
    /// [`Grant::step_up`](crate::Grant::step_up).
    #[must_use]
    pub fn manage_factors() -> Self {
        Self("manage-factors".to_owned())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Purpose {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        Self::new(name)
    }
}

impl TryFrom<String> for Purpose {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests;
