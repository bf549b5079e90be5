use std::fmt;
use std::time::Duration;

use crate::secret::Secret;

/// A token for a passed challenge, granted by [`StepUps::grant`](super::StepUps::grant).
///
/// The text has at most [`StepUpToken::MAX_LENGTH`] characters of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, fit for a
/// cookie or header. The content is sealed, and bound to the user, purpose, challenge, time and type of the answer.
///
/// The token is a secret of the user: together with the user's session, the token opens everything behind the purpose.
pub struct StepUpToken(Secret);

impl StepUpToken {
    /// The maximum length, in characters. Longer texts are refused unread.
    pub const MAX_LENGTH: usize = 4_000;

    /// The maximum age of an accepted token since the challenge was passed, even if a caller asks for more. A
    /// single token cannot be revoked.
    pub const LONGEST_AGE: Duration = Duration::from_secs(86_400);

    /// Returns the text. Hand the text to the browser of the user who passed, and to nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Wraps text from a request. Only verification tells whether the token is genuine.
impl<T: Into<String>> From<T> for StepUpToken {
    fn from(text: T) -> Self {
        Self(Secret::from(text))
    }
}

impl fmt::Debug for StepUpToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StepUpToken([redacted])")
    }
}
