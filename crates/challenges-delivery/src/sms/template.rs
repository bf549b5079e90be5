use crate::error::DeliveryError;
use crate::template::{Placeholder, Placeholders, Shape, Template};

const LINK_PLACEHOLDERS: Placeholders = Placeholders {
    allowed: &[Placeholder::Link, Placeholder::Origin, Placeholder::Minutes],
    names: "{link}, {origin} and {minutes}",
};
const BOTH_PLACEHOLDERS: Placeholders = Placeholders {
    allowed: &[Placeholder::Code, Placeholder::Link, Placeholder::Origin, Placeholder::Minutes],
    names: "{code}, {link}, {origin} and {minutes}",
};
const CODE_PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::Code, Placeholder::Minutes], names: "{code} and {minutes}" };
const LINK: &str = "Is this you? To confirm, open {link} within {minutes} min. If not, ignore this.";
const BOTH: &str = "{code} is your code for {origin}, good for {minutes} min. Or open {link} to confirm. If this is not you, ignore this.";
const CODE: &str = "{code} is your code to confirm this phone number, good for {minutes} min. Do not share it.";

/// The text of text messages: a template for links, one for links with a short code, and one for the codes that confirm
/// phone numbers.
///
/// The default text is English.
#[derive(Clone, Debug)]
pub struct SmsTemplate {
    link: Template,
    code: Option<Template>,
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
        let link = Template::parse_message(link, Shape::SHORT, LINK_PLACEHOLDERS)?;
        let confirmation = Template::parse_message(confirmation, Shape::SHORT, CODE_PLACEHOLDERS)?;
        Ok(Self {
            link: link.require(Placeholder::Link, "{link}")?,
            code: None,
            confirmation: confirmation.require(Placeholder::Code, "{code}")?,
        })
    }

    /// Sets the template of messages with a short code beside the link, if
    /// [`Policy::message_code_digits`](challenges_core::Policy::message_code_digits) sends one. `{code}` is required,
    /// `{link}`, `{origin}` and `{minutes}` are allowed.
    ///
    /// Every such message ends with the line `@HOST #CODE`, so that phones fill in the code only on pages of the host
    /// (the format of [origin-bound one-time codes](https://wicg.github.io/sms-one-time-codes/)). HOST is the host of
    /// `{origin}`. Without a template, the message is the text for links and this line.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when the template is malformed, or lacks `{code}`.
    pub fn with_code(self, code: &str) -> Result<Self, DeliveryError> {
        let code = Template::parse_message(code, Shape::SHORT, BOTH_PLACEHOLDERS)?;
        Ok(Self { code: Some(code.require(Placeholder::Code, "{code}")?), ..self })
    }

    /// Returns the template of links, or of links with a code.
    pub(crate) const fn link(&self, with_code: bool) -> &Template {
        match &self.code {
            Some(code) if with_code => code,
            Some(_) | None => &self.link,
        }
    }

    pub(crate) const fn confirmation(&self) -> &Template {
        &self.confirmation
    }
}

impl Default for SmsTemplate {
    fn default() -> Self {
        match Self::new(LINK, CODE).and_then(|template| template.with_code(BOTH)) {
            Ok(template) => template,
            Err(_) => unreachable!("the default templates are valid, as tests show"),
        }
    }
}

#[cfg(test)]
mod tests;
