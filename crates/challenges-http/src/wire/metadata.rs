use challenges_core::Timestamp;
use chrono::{DateTime, Datelike as _, SecondsFormat};
use serde::Serialize;
use utoipa::ToSchema;

/// The id and times of a record. Times are in RFC 3339.
#[derive(Serialize, ToSchema)]
pub(crate) struct MetadataWithId {
    #[schema(read_only)]
    id: String,
    /// The time of creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only, format = DateTime)]
    created: Option<String>,
    /// The time of the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only, format = DateTime)]
    updated: Option<String>,
}

impl MetadataWithId {
    pub(crate) fn new(id: &impl ToString, created: Timestamp, updated: Timestamp) -> Self {
        Self { id: id.to_string(), created: date_time(created), updated: date_time(updated) }
    }
}

/// Formats a time in RFC 3339. Returns `None` after the year 9999, the last one of that format.
pub(super) fn date_time(time: Timestamp) -> Option<String> {
    let millis = i64::try_from(time.as_millis()).ok()?;
    let time = DateTime::from_timestamp_millis(millis).filter(|time| time.year() <= 9_999)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests;
