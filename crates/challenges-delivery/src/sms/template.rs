use crate::error::DeliveryError;
use crate::template::{Slot, Slots, Template};

const LINK_SLOTS: Slots =
    Slots { allowed: &[Slot::Link, Slot::Origin, Slot::Minutes], words: "{link}, {origin} and {minutes}" };
const CODE_SLOTS: Slots = Slots { allowed: &[Slot::Code, Slot::Minutes], words: "{code} and {minutes}" };
const LINK: &str = "Is this you? To confirm, open {link} within {minutes} min. If not, ignore this.";
const CODE: &str = "{code} is your code to confirm this phone number, good for {minutes} min. Give it to nobody.";

/// What text messages say: one text for links, one for the codes that confirm phone numbers.
///
/// In the former `{link}` stands for the link, `{origin}` for the origin that the challenge is from (that of its page, where it
/// names none) and `{minutes}` for how long it is good, in whole minutes, at least 1. In the latter `{code}` stands for the
/// code. `{{` and `}}` stand for braces.
///
/// A character beyond the GSM-7 alphabet more than doubles what the message costs: see [`segments`](crate::segments).
#[derive(Clone, Debug)]
pub struct SmsTemplate {
    link: Template,
    confirmation: Template,
}

impl SmsTemplate {
    /// The template of those texts.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when one is malformed, or lacks the link or the code.
    pub fn new(link: &str, confirmation: &str) -> Result<Self, DeliveryError> {
        let (link, confirmation) =
            (Template::of_words(link, LINK_SLOTS)?, Template::of_words(confirmation, CODE_SLOTS)?);
        if !link.has(Slot::Link) {
            return Err(DeliveryError::TemplateLacks("{link}"));
        }
        if !confirmation.has(Slot::Code) {
            return Err(DeliveryError::TemplateLacks("{code}"));
        }
        Ok(Self { link, confirmation })
    }

    pub(crate) const fn link(&self) -> &Template {
        &self.link
    }

    pub(crate) const fn confirmation(&self) -> &Template {
        &self.confirmation
    }
}

impl Default for SmsTemplate {
    /// In English.
    fn default() -> Self {
        match Self::new(LINK, CODE) {
            Ok(template) => template,
            Err(_) => unreachable!("both are constants, and under test"),
        }
    }
}

#[cfg(test)]
mod tests;
