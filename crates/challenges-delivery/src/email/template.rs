use crate::error::DeliveryError;
use crate::template::{Placeholder, Placeholders, Shape, Template};

const SUBJECT_PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::Origin, Placeholder::Minutes], names: "{origin} and {minutes}" };
const LINK_PLACEHOLDERS: Placeholders = Placeholders {
    allowed: &[Placeholder::Link, Placeholder::Origin, Placeholder::Minutes],
    names: "{link}, {origin} and {minutes}",
};
const BOTH_PLACEHOLDERS: Placeholders = Placeholders {
    allowed: &[Placeholder::Code, Placeholder::Link, Placeholder::Origin, Placeholder::Minutes],
    names: "{code}, {link}, {origin} and {minutes}",
};
const CODE_SUBJECT_PLACEHOLDERS: Placeholders = Placeholders { allowed: &[Placeholder::Minutes], names: "{minutes}" };
const CODE_PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::Code, Placeholder::Minutes], names: "{code} and {minutes}" };

const SUBJECT: &str = "Is this you at {origin}?";
const LINK: &str = "{origin} asks for your confirmation. Open this page within {minutes} minutes:\n\n{link}\n\n\
    If this is not you, ignore this message.";
const BOTH: &str = "{origin} asks for your confirmation. Your code is {code}, good for {minutes} minutes. Enter the code on \
    the page that asked for it, or open this page:\n\n{link}\n\nIf this is not you, ignore this message.";
const CODE_SUBJECT: &str = "Your code to confirm this address";
const CODE: &str = "{code} is your code to confirm this e-mail address, good for {minutes} minutes. Do not share it.\n\n\
    If this is not you, ignore this message.";

/// The text of e-mails: a subject and a body for links, for links with a short code, and for the codes that confirm
/// e-mail addresses.
///
/// The default text is English.
#[derive(Clone, Debug)]
pub struct EmailTemplate {
    link: Text,
    code: Option<Text>,
    confirmation: Text,
}

/// A subject and a body.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) subject: Template,
    pub(super) body: Template,
}

impl EmailTemplate {
    /// Creates a text from two pairs of a subject, of 1 to 150 characters in one line, and a body, of 1 to 4,000
    /// characters. Write `{{` and `}}` for literal braces.
    ///
    /// | placeholder | in | value |
    /// |---|---|---|
    /// | `{link}` | body of `link`, required | the link |
    /// | `{origin}` | subject and body of `link` | the origin that the challenge names, or else the origin of the answer page |
    /// | `{code}` | body of `confirmation`, required | the code |
    /// | `{minutes}` | all | the remaining lifetime in whole minutes, rounded down, at least 1 |
    ///
    /// A subject cannot contain a secret, because locked screens show subjects.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when a template is malformed, or a body lacks `{link}` or `{code}`.
    pub fn new(link: (&str, &str), confirmation: (&str, &str)) -> Result<Self, DeliveryError> {
        let link = Text::parse(link, SUBJECT_PLACEHOLDERS, LINK_PLACEHOLDERS)?;
        let confirmation = Text::parse(confirmation, CODE_SUBJECT_PLACEHOLDERS, CODE_PLACEHOLDERS)?;
        Ok(Self {
            link: link.require(Placeholder::Link, "{link}")?,
            code: None,
            confirmation: confirmation.require(Placeholder::Code, "{code}")?,
        })
    }

    /// Sets the subject and body of e-mails with a short code beside the link, if
    /// [`Policy::message_code_digits`](challenges_core::Policy::message_code_digits) sends one. `{code}` is required in
    /// the body, `{link}`, `{origin}` and `{minutes}` are allowed.
    ///
    /// Every such e-mail ends with the line `@HOST #CODE`, as a text message does; see
    /// [`SmsTemplate::with_code`](crate::SmsTemplate::with_code). Without a template, the e-mail has the text for links
    /// and this line.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when a template is malformed, or the body lacks `{code}`.
    pub fn with_code(self, code: (&str, &str)) -> Result<Self, DeliveryError> {
        let code = Text::parse(code, SUBJECT_PLACEHOLDERS, BOTH_PLACEHOLDERS)?;
        Ok(Self { code: Some(code.require(Placeholder::Code, "{code}")?), ..self })
    }

    /// Returns the text of links, or of links with a code.
    pub(super) const fn link(&self, with_code: bool) -> &Text {
        match &self.code {
            Some(code) if with_code => code,
            Some(_) | None => &self.link,
        }
    }

    pub(super) const fn confirmation(&self) -> &Text {
        &self.confirmation
    }
}

impl Text {
    fn parse(
        (subject, body): (&str, &str),
        in_subject: Placeholders,
        in_body: Placeholders,
    ) -> Result<Self, DeliveryError> {
        Ok(Self {
            subject: Template::parse_message(subject, Shape::SUBJECT, in_subject)?,
            body: Template::parse_message(body, Shape::BODY, in_body)?,
        })
    }

    fn require(self, placeholder: Placeholder, name: &'static str) -> Result<Self, DeliveryError> {
        Ok(Self { body: self.body.require(placeholder, name)?, ..self })
    }
}

impl Default for EmailTemplate {
    fn default() -> Self {
        let template = Self::new((SUBJECT, LINK), (CODE_SUBJECT, CODE));
        match template.and_then(|template| template.with_code((SUBJECT, BOTH))) {
            Ok(template) => template,
            Err(_) => unreachable!("the default templates are valid, as tests show"),
        }
    }
}

#[cfg(test)]
mod tests;
