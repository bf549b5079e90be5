//! Values of placeholders in text messages, e-mails and push messages.

use std::time::Duration;

use challenges_core::{Origin, Secret};
use url::Url;
use zeroize::Zeroizing;

use crate::template::{Placeholder, Template};

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

impl Wording {
    /// Fills a template of a link.
    pub(crate) fn fill(&self, template: &Template, link: &Secret, code: Option<&Secret>) -> Zeroizing<String> {
        template.fill(|placeholder| match placeholder {
            Placeholder::Link => link.expose(),
            Placeholder::Code => code.map_or("", Secret::expose),
            Placeholder::Origin => &self.origin,
            _ => &self.minutes,
        })
    }

    /// Appends a code in the form that devices fill in on pages of the origin alone.
    pub(crate) fn with_bound_code(&self, text: Zeroizing<String>, code: Option<&Secret>) -> Zeroizing<String> {
        let Some(code) = code else { return text };
        let url = Url::parse(&self.origin).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let parts = [text.as_str(), "\n\n@", host, " #", code.expose()];
        // Full capacity up front, because a growing string would leave unwiped copies of secrets.
        let mut bound = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.iter().for_each(|part| bound.push_str(part));
        bound
    }
}

/// Fills a template of a confirmation code.
pub(crate) fn fill_confirmation(template: &Template, code: &Secret, remaining: Duration) -> Zeroizing<String> {
    let minutes = minutes(remaining);
    template.fill(|placeholder| if placeholder == Placeholder::Code { code.expose() } else { &minutes })
}

/// Returns the origin of a URL.
pub(crate) fn origin_of(url: &str) -> Option<Origin> {
    Url::parse(url).ok()?.origin().ascii_serialization().parse().ok()
}

/// Returns whole minutes, rounded down so that no message promises too much time, and at least 1.
fn minutes(remaining: Duration) -> String {
    (remaining.as_secs() / 60).max(1).to_string()
}

#[cfg(test)]
mod tests;
