use std::str::FromStr;
use std::sync::Arc;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::Secret;
use challenges_core::entropy::{Entropy as _, OsEntropy};

use crate::error::StartError;

/// The bearer token of the API. `Debug` prints `[redacted]`.
#[derive(Clone, Debug)]
pub struct Token(Arc<Secret>);

impl Token {
    /// Generates a token of 256 random bits.
    ///
    /// # Errors
    ///
    /// Returns [`StartError::Entropy`] if the system provides no random bytes.
    pub fn generate() -> Result<Self, StartError> {
        let mut bytes = [0; 32];
        OsEntropy.fill(&mut bytes).map_err(StartError::Entropy)?;
        Ok(Self(Arc::new(BASE64_URL_SAFE_NO_PAD.encode(bytes).into())))
    }

    /// Returns the token in the clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for Token {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        // RFC 6750 section 2.1.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        let fits = !text.is_empty() && text.bytes().all(allowed);
        if fits { Ok(Self(Arc::new(text.into()))) } else { Err(StartError::Token) }
    }
}
