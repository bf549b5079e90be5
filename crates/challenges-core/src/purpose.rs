//! What a challenge is passed for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// What a challenge is for: 1 to 128 visible ASCII characters of the host's choice, such as `transfer` or
/// `recovery-phrase:show`. It is compared exactly, and is no secret.
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
    /// The longest there is, in characters.
    pub const MAX: usize = 128;

    /// The purpose of that name.
    ///
    /// # Errors
    ///
    /// [`Invalid::Purpose`] when it is empty, longer than [`Purpose::MAX`], or holds anything but visible ASCII.
    pub fn new(name: impl Into<String>) -> Result<Self, Invalid> {
        let name = name.into();
        let fits = (1..=Self::MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(name)) } else { Err(Invalid::Purpose) }
    }

    /// Its name.
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
