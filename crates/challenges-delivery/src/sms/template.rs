use crate::error::DeliveryError;
use crate::template::{Placeholder, Placeholders, Template};

const LINK_PLACEHOLDERS: Placeholders = Placeholders {
    allowed: &[Placeholder::Link, Placeholder::Origin, Placeholder::Minutes],
    names: "{link}, {origin} and {minutes}",
};
const CODE_PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::Code, Placeholder::Minutes], names: "{code} and {minutes}" };
const LINK: &str = "Is this you? To confirm, open {link} within {minutes} min. If not, ignore this.";
const CODE: &str = "{code} is your code to confirm this phone number, good for {minutes} min. Give it to nobody.";

/// The text of text messages: a template for links, and a template for the codes that confirm phone numbers.
///
/// The default text is English.
#[derive(Clone, Debug)]
pub struct SmsTemplate {
    link: Template,
    confirmation: Template,
}

impl SmsTemplate {
    /// Creates a text from two templates of 1 to 500 characters. Write `{{` and `}}` for literal braces.
    ///
    /// | placeholder | in | value |
    /// |---|---|---|
    /// | `{link}` | `link`, required | the link |
    /// | `{origin}` | `link` | the origin that the challenge names, or else the origin of the answer page |
    /// | `{code}` | `confirmation`, required | the code |
    /// | `{minutes}` | both | the remaining lifetime in whole minutes, rounded down, at least 1 |
    ///
    /// A character outside of GSM-7 more than doubles the price of a message; see [`segments`](crate::segments).
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when a template is malformed, or lacks `{link}` or `{code}`.
    pub fn new(link: &str, confirmation: &str) -> Result<Self, DeliveryError> {
        let (link, confirmation) = (
            Template::parse_message(link, LINK_PLACEHOLDERS)?,
            Template::parse_message(confirmation, CODE_PLACEHOLDERS)?,
        );
        if !link.has(Placeholder::Link) {
            return Err(DeliveryError::TemplateLacks("{link}"));
        }
        if !confirmation.has(Placeholder::Code) {
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
    fn default() -> Self {
        match Self::new(LINK, CODE) {
            Ok(template) => template,
            Err(_) => unreachable!("the default templates are valid, as tests show"),
        }
    }
}

#[cfg(test)]
mod tests;
