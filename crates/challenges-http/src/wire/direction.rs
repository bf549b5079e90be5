//! Read-only and write-only properties. The `skip` attributes of serde would hide these properties from the schemas.

use serde::de::{Deserialize as _, Deserializer, IgnoredAny};

/// Ignores the value in a request, since clients send back the object of an earlier response.
pub(super) fn read_only<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<T>, D::Error> {
    IgnoredAny::deserialize(deserializer)?;
    Ok(None)
}

/// Always `true`: keeps a property out of every response.
pub(super) const fn write_only<T>(_: &Option<T>) -> bool {
    true
}
