use challenges_core::Timestamp;
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use maud::{Markup, Render, html};
use serde::{Serialize, Serializer};

/// A time: in RFC 3339 for programs, and a `time` element for people. The script of the pages turns the element into the
/// time zone of the visitor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When(pub(crate) Timestamp);

impl When {
    /// Returns `None` after the year 9999, the last one of RFC 3339.
    fn date(self) -> Option<DateTime<Utc>> {
        let millis = i64::try_from(self.0.as_millis()).ok()?;
        DateTime::from_timestamp_millis(millis).filter(|time| time.year() <= 9_999)
    }

    /// Returns the next full minute, for the end of a wait. Pages show no seconds, and nobody should try too early.
    pub(crate) fn next_minute(self) -> Self {
        Self(Timestamp::from_seconds(self.0.as_millis().div_ceil(60_000).saturating_mul(60)))
    }

    /// Returns the time in RFC 3339.
    pub(crate) fn rfc3339(self) -> Option<String> {
        Some(self.date()?.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    /// Returns the minute as people read it in any language, such as `2026-11-30 16:25 UTC`.
    pub(crate) fn minute(self) -> Option<String> {
        Some(self.date()?.format("%Y-%m-%d %H:%M UTC").to_string())
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rfc3339().serialize(serializer)
    }
}

impl Render for When {
    fn render(&self) -> Markup {
        let (Some(exact), Some(minute)) = (self.rfc3339(), self.minute()) else { return html! { "∞" } };
        // Between words written from right to left, the parts of the minute would change places.
        html! { time datetime=(exact) dir="ltr" { (minute) } }
    }
}
