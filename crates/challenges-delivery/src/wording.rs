//! Values of placeholders in text messages and push messages.

use std::time::Duration;

use challenges_core::{Origin, Secret};
use url::Url;

/// The values of a link's placeholders, except the link itself.
pub(crate) struct Wording {
    pub(crate) origin: String,
    pub(crate) minutes: String,
}

impl Wording {
    /// Returns the values for a link. Without an `origin`, the origin of the link itself stands in.
    pub(crate) fn of_link(link: &Secret, origin: Option<&Origin>, remaining: Duration) -> Self {
        let origin = origin.cloned().or_else(|| origin_of(link.expose()));
        let origin = origin.as_ref().map_or("", Origin::as_str).to_owned();
        Self { origin, minutes: minutes(remaining) }
    }
}

/// Returns the origin of a URL.
pub(crate) fn origin_of(url: &str) -> Option<Origin> {
    Url::parse(url).ok()?.origin().ascii_serialization().parse().ok()
}

/// Returns whole minutes, rounded down so that no message promises too much time, and at least 1.
pub(crate) fn minutes(remaining: Duration) -> String {
    (remaining.as_secs() / 60).max(1).to_string()
}

#[cfg(test)]
mod tests;
