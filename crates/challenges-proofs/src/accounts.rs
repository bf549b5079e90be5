//! Accounts that change while the process or the store is killed: recovery codes, addresses, imports, trusted devices,
//! notices and erasures.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a failed check of a test")]

mod audit;
mod life;

pub use audit::audit;
pub use life::{live, service};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The steps of each user, in order. A step is written down before or after the change that the step names.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl Journal {
    /// Adds a step of a user.
    pub fn note(&self, user: &str, step: impl Into<String>) {
        self.0.lock().unwrap().entry(user.to_owned()).or_default().push(step.into());
    }

    /// Returns the number of steps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap().values().map(Vec::len).sum()
    }

    /// Returns whether the journal has no step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the steps of each user.
    #[must_use]
    pub fn users(&self) -> Vec<(String, Vec<String>)> {
        self.0.lock().unwrap().clone().into_iter().collect()
    }
}
