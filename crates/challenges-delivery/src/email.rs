//! E-mails through a mail server.

mod mailer;
#[cfg(feature = "smtp")]
mod smtp;
mod template;

pub use mailer::{EmailMessage, Mailer};
#[cfg(feature = "smtp")]
pub use smtp::{SmtpMailer, SmtpMailerBuilder};
pub use template::EmailTemplate;

use std::sync::Arc;

use challenges_core::endpoints::EmailAddress;
use challenges_core::outbox::{Failure, Job, Message};

use crate::error::DeliveryError;
use crate::notice::NoticeText;
use crate::wording::{Wording, fill_confirmation};

/// Sends e-mails with links and short codes, with the codes that confirm e-mail addresses, and with notices. The e-mails
/// are plain text.
#[derive(Clone, Debug)]
#[must_use]
pub struct Email {
    mailer: Arc<dyn Mailer>,
    template: EmailTemplate,
    notices: NoticeText,
}

impl Email {
    /// Creates a sender that uses `mailer`.
    pub fn new(mailer: impl Mailer) -> Self {
        Self { mailer: Arc::new(mailer), template: EmailTemplate::default(), notices: NoticeText::default() }
    }

    /// Sets the text of the e-mails.
    pub fn template(self, template: EmailTemplate) -> Self {
        Self { template, ..self }
    }

    /// Sets the text of notices.
    pub fn notices(self, notices: NoticeText) -> Self {
        Self { notices, ..self }
    }

    pub(crate) async fn send(&self, job: &Job, to: &EmailAddress, message: &Message) -> Result<Option<u16>, Failure> {
        let (subject, text, remaining) = match message {
            Message::Link { link, code, origin, remaining } => {
                let wording = Wording::of_link(link, origin.as_ref(), *remaining);
                let template = self.template.link(code.is_some());
                let text = wording.with_bound_code(wording.fill(&template.body, link, code.as_ref()), code.as_ref());
                (wording.fill(&template.subject, link, None), text, *remaining)
            }
            Message::Confirmation { code, remaining } => {
                let template = self.template.confirmation();
                let subject = fill_confirmation(&template.subject, code, *remaining);
                (subject, fill_confirmation(&template.body, code, *remaining), *remaining)
            }
            Message::Notice { notice, at, remaining } => {
                let (title, text) = self.notices.of(job, *notice, *at);
                (title.into(), text.into(), *remaining)
            }
            _ => return Err(DeliveryError::UnknownKind.into()),
        };
        let Job { id, attempt, timeout, .. } = job;
        let (subject, text) = (subject.as_str(), text.as_str());
        let message = EmailMessage { id, attempt: *attempt, to, subject, text, remaining, timeout: *timeout };
        self.mailer.send(&message).await
    }
}
