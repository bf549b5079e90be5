use serde::{Deserialize, Serialize};

use crate::codec::is_zero;
use crate::error::Refused;
use crate::keyring::{Mac, SecretField};
use crate::policy::Policy;
use crate::time::Timestamp;

/// The code that confirms an endpoint, and the wrong codes counted so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PendingCode {
    code: Mac,
    until: Timestamp,
    #[serde(default, skip_serializing_if = "is_zero")]
    wrong: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_wrong: Option<Mac>,
}

impl PendingCode {
    pub(super) const fn new(code: Mac, until: Timestamp) -> Self {
        Self { code, until, wrong: 0, last_wrong: None }
    }

    /// Replaces the code. Wrong codes stay counted, so that resending gives no new guesses.
    pub(super) fn replaced(self, code: Mac, until: Timestamp) -> Self {
        Self { code, until, ..self }
    }

    /// Counts a wrong code.
    pub(super) fn count_wrong(&mut self, fingerprint: Mac) {
        self.wrong = self.wrong.saturating_add(1);
        self.last_wrong = Some(fingerprint);
    }

    /// Returns the MAC to compare an answer with.
    pub(super) fn mac(&self, policy: &Policy, now: Timestamp) -> Result<&Mac, Refused> {
        if now >= self.until {
            return Err(Refused::TimedOut);
        }
        if self.is_exhausted(policy) { Err(Refused::Exhausted) } else { Ok(&self.code) }
    }

    /// Returns whether the limit of wrong codes is reached.
    pub(super) const fn is_exhausted(&self, policy: &Policy) -> bool {
        self.wrong >= policy.guesses_per_challenge
    }

    pub(super) const fn last_wrong(&self) -> Option<&Mac> {
        self.last_wrong.as_ref()
    }

    pub(super) fn secret_fields(&self) -> impl Iterator<Item = SecretField<'_>> {
        // Destructured, so that a new field cannot be forgotten here.
        let Self { code, until: _, wrong: _, last_wrong } = self;
        std::iter::once(code).chain(last_wrong).map(SecretField::Mac)
    }
}
