use std::time::Duration;

use challenges_core::{Origin, Secret};
use serde::Serialize;
use zeroize::Zeroizing;

use super::encryption::MAX_PAYLOAD;
use crate::error::{DeliveryError, Unit};
use crate::template::{Slot, Slots, Template};
use crate::wording::Wording;

const SLOTS: Slots = Slots { allowed: &[Slot::Origin, Slot::Minutes], words: "{origin} and {minutes}" };
const TITLE: &str = "Is this you?";
const BODY: &str = "{origin} asks for your confirmation. Open this within {minutes} minutes.";

/// What push messages say: a JSON object of
///
/// - `title` and `body`, from the templates here;
/// - `url`, the link to open. It holds the secret, which stands in no other member;
/// - `tag`, for `showNotification`: a later message about the same challenge has the same one.
#[derive(Clone, Debug)]
pub struct PushText {
    title: Template,
    body: Template,
}

#[derive(Serialize)]
struct Payload<'a> {
    title: &'a str,
    body: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
}

impl PushText {
    /// The text of those templates. In them `{origin}` stands for the origin that the challenge is from (that of its page,
    /// where it names none) and `{minutes}` for how long the link is good, in whole minutes, at least 1.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Template`] and [`DeliveryError::TemplateText`] when one is malformed.
    pub fn new(title: &str, body: &str) -> Result<Self, DeliveryError> {
        Ok(Self { title: Template::of_words(title, SLOTS)?, body: Template::of_words(body, SLOTS)? })
    }

    pub(super) fn payload(
        &self,
        link: &Secret,
        origin: Option<&Origin>,
        remaining: Duration,
        tag: Option<&str>,
    ) -> Result<Zeroizing<Vec<u8>>, DeliveryError> {
        let wording = Wording::of_link(link, origin, remaining);
        let value = |slot| if slot == Slot::Origin { &*wording.origin } else { &wording.minutes };
        let (title, body) = (self.title.fill(value), self.body.fill(value));
        let payload = Payload { title: &title, body: &body, url: link.expose(), tag };
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PAYLOAD));
        if serde_json::to_writer(&mut *bytes, &payload).is_err() {
            unreachable!("strings can be written to memory")
        }
        let too_long = DeliveryError::TooLong { max: MAX_PAYLOAD, of: Unit::Bytes };
        if bytes.len() > MAX_PAYLOAD { Err(too_long) } else { Ok(bytes) }
    }
}

impl Default for PushText {
    /// In English.
    fn default() -> Self {
        match Self::new(TITLE, BODY) {
            Ok(text) => text,
            Err(_) => unreachable!("both are constants, and under test"),
        }
    }
}

#[cfg(test)]
mod tests;
