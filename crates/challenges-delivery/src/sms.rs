//! Text messages through a gateway.

mod gateway;
mod json_gateway;
mod segments;
mod template;
mod twilio;

pub use gateway::{SmsGateway, TextMessage};
pub use json_gateway::JsonGateway;
pub use segments::segments;
pub use template::SmsTemplate;
pub use twilio::{Twilio, TwilioAuth, TwilioSender};

use std::sync::Arc;

use challenges_core::endpoints::PhoneNumber;
use challenges_core::outbox::{Failure, Job, Message};

use crate::error::{DeliveryError, Unit};
use crate::notice::NoticeText;
use crate::wording::{Wording, fill_confirmation};

/// Sends text messages with links and short codes, with the codes that confirm phone numbers, and with notices.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sms {
    gateway: Arc<dyn SmsGateway>,
    template: SmsTemplate,
    notices: NoticeText,
    max_segments: usize,
}

impl Sms {
    /// Creates a sender that uses `gateway`.
    pub fn new(gateway: impl SmsGateway) -> Self {
        let (template, notices) = (SmsTemplate::default(), NoticeText::default());
        Self { gateway: Arc::new(gateway), template, notices, max_segments: 10 }
    }

    /// Sets the text of the messages.
    pub fn template(self, template: SmsTemplate) -> Self {
        Self { template, ..self }
    }

    /// Sets the text of notices.
    pub fn notices(self, notices: NoticeText) -> Self {
        Self { notices, ..self }
    }

    /// Sets the maximum number of [`segments()`] of a message, 10 by default. A longer message fails and is not sent.
    ///
    /// Gateways charge for each segment and usually join 10 at most.
    pub fn max_segments(self, max_segments: usize) -> Self {
        Self { max_segments, ..self }
    }

    pub(crate) async fn send(&self, job: &Job, to: &PhoneNumber, message: &Message) -> Result<Option<u16>, Failure> {
        let (text, remaining) = match message {
            Message::Link { link, code, origin, remaining } => {
                let wording = Wording::of_link(link, origin.as_ref(), *remaining);
                let template = self.template.link(code.is_some());
                (wording.with_bound_code(wording.fill(template, link, code.as_ref()), code.as_ref()), *remaining)
            }
            Message::Confirmation { code, remaining } => {
                (fill_confirmation(self.template.confirmation(), code, *remaining), *remaining)
            }
            Message::Notice { notice, at, remaining } => (self.notices.of(job, *notice, *at).1.into(), *remaining),
            _ => return Err(DeliveryError::UnknownKind.into()),
        };
        if segments(&text) > self.max_segments {
            return Err(DeliveryError::TooLong { max: self.max_segments, of: Unit::Segments }.into());
        }
        let Job { id, attempt, timeout, .. } = job;
        let message = TextMessage { id, attempt: *attempt, to, text: &text, remaining, timeout: *timeout };
        self.gateway.send(&message).await
    }
}
