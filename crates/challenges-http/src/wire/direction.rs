//! Properties that travel in one direction only. serde's own attributes for that would hide them from the schemas.

use serde::de::{Deserialize as _, Deserializer, IgnoredAny};

/// Passes over what a client sends: clients send back what they have read.
pub(super) fn read_only<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<T>, D::Error> {
    IgnoredAny::deserialize(deserializer)?;
    Ok(None)
}

/// Keeps a property out of every response, whatever it holds.
pub(super) const fn write_only<T>(_: &Option<T>) -> bool {
    true
}
