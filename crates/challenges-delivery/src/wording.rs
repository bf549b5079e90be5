//! What the messages of either channel tell of a challenge.

use std::time::Duration;

use challenges_core::{Origin, Secret};
use url::Url;

/// The values of a template besides the secret.
pub(crate) struct Wording {
    pub(crate) origin: String,
    pub(crate) minutes: String,
}

impl Wording {
    /// That of a link. A challenge that names no origin is from where its page is.
    pub(crate) fn of_link(link: &Secret, origin: Option<&Origin>, remaining: Duration) -> Self {
        let origin = origin.cloned().or_else(|| origin_of(link.expose()));
        let origin = origin.as_ref().map_or("", Origin::as_str).to_owned();
        Self { origin, minutes: minutes(remaining) }
    }
}

/// The origin of a URL.
pub(crate) fn origin_of(url: &str) -> Option<Origin> {
    Url::parse(url).ok()?.origin().ascii_serialization().parse().ok()
}

/// Whole minutes, so that nobody is promised more time than there is; the last one counts as one.
pub(crate) fn minutes(remaining: Duration) -> String {
    (remaining.as_secs() / 60).max(1).to_string()
}

#[cfg(test)]
mod tests;
