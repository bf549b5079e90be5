use challenges_core::Timestamp;
use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

/// Returns a time in the form of RFC 3339, in UTC; null for a time that never comes.
pub(crate) fn json(time: Timestamp) -> Value {
    text(time).map_or(Value::Null, Value::String)
}

/// Returns a time in the form of RFC 3339, in UTC.
pub(crate) fn text(time: Timestamp) -> Option<String> {
    let millis = i64::try_from(time.as_millis()).ok()?;
    DateTime::from_timestamp_millis(millis).map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
