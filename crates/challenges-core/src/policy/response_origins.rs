use std::collections::BTreeSet;

use crate::error::Invalid;
use crate::uri::{Origin, ResponseUri};

/// The allowed origins of a `response_uri`: an exact list.
#[derive(Clone, Debug, Default)]
pub struct ResponseOrigins {
    pub(super) exact: BTreeSet<Origin>,
    pub(super) any_https: bool,
}

impl ResponseOrigins {
    /// Allows these origins only.
    #[must_use]
    pub fn exactly(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { exact: origins.into_iter().collect(), any_https: false }
    }

    /// Allows every https origin as well. Anybody who can create challenges can then send the secrets of the links
    /// anywhere.
    #[must_use]
    pub fn and_any_https(mut self) -> Self {
        self.any_https = true;
        self
    }

    pub(crate) fn allow(&self, uri: &ResponseUri) -> Result<(), Invalid> {
        let allowed = self.exact.contains(uri.origin()) || (self.any_https && uri.is_https());
        if allowed { Ok(()) } else { Err(Invalid::ResponseOrigin) }
    }
}
