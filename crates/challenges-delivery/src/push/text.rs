use std::time::Duration;

use challenges_core::{Origin, Secret};
use serde::Serialize;
use zeroize::Zeroizing;

use super::encryption::MAX_PAYLOAD;
use crate::error::{DeliveryError, Unit};
use crate::template::{Placeholder, Placeholders, Shape, Template};
use crate::wording::Wording;

const PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::Origin, Placeholder::Minutes], names: "{origin} and {minutes}" };
const TITLE: &str = "Is this you?";
const BODY: &str = "{origin} asks for your confirmation. Open this within {minutes} minutes.";

/// The text of push messages, and their payload for the page's service worker.
///
/// The payload is a JSON object:
///
/// ```json
/// { "title": "Is this you?", "body": "https://shop.example asks ...", "url": "https://login.example/answer?...", "tag": "..." }
/// ```
///
/// - `title` and `body` come from the templates of [`new`](Self::new).
/// - `url` is the link to open, absent in a notice. Only this member contains the secret.
/// - `tag` is for `showNotification`. Messages of the same challenge share a tag. The member may be absent.
///
/// The default text is English.
#[derive(Clone, Debug)]
pub struct PushText {
    title: Template,
    body: Template,
}

#[derive(Serialize)]
struct Payload<'a> {
    title: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
}

impl PushText {
    /// Creates a text from two templates of 1 to 500 characters. Write `{{` and `}}` for literal braces.
    ///
    /// | placeholder | value |
    /// |---|---|
    /// | `{origin}` | the origin that the challenge names, or else the origin of the answer page |
    /// | `{minutes}` | the remaining lifetime of the link in whole minutes, rounded down, at least 1 |
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Template`] or [`DeliveryError::TemplateText`] when a template is malformed.
    pub fn new(title: &str, body: &str) -> Result<Self, DeliveryError> {
        Ok(Self {
            title: Template::parse_message(title, Shape::SHORT, PLACEHOLDERS)?,
            body: Template::parse_message(body, Shape::SHORT, PLACEHOLDERS)?,
        })
    }

    pub(super) fn payload(
        &self,
        link: &Secret,
        origin: Option<&Origin>,
        remaining: Duration,
        tag: Option<&str>,
    ) -> Result<Zeroizing<Vec<u8>>, DeliveryError> {
        let wording = Wording::of_link(link, origin, remaining);
        let value = |placeholder| if placeholder == Placeholder::Origin { &*wording.origin } else { &wording.minutes };
        let (title, body) = (self.title.fill(value), self.body.fill(value));
        payload(&title, &body, Some(link.expose()), tag)
    }
}

/// Returns the payload of a push message.
pub(super) fn payload(
    title: &str,
    body: &str,
    url: Option<&str>,
    tag: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, DeliveryError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PAYLOAD));
    if serde_json::to_writer(&mut *bytes, &Payload { title, body, url, tag }).is_err() {
        unreachable!("writing strings to memory is infallible")
    }
    let too_long = DeliveryError::TooLong { max: MAX_PAYLOAD, of: Unit::Bytes };
    if bytes.len() > MAX_PAYLOAD { Err(too_long) } else { Ok(bytes) }
}

impl Default for PushText {
    fn default() -> Self {
        match Self::new(TITLE, BODY) {
            Ok(text) => text,
            Err(_) => unreachable!("the default templates are valid, as tests show"),
        }
    }
}

#[cfg(test)]
mod tests;
