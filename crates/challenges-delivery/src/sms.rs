//! Text messages, by way of a gateway.

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

use challenges_core::{Failure, Job, Message, PhoneNumber, Receipt};

use crate::error::{DeliveryError, Unit};
use crate::template::Slot;
use crate::wording::{Wording, minutes};

/// Sends links, and the codes that confirm phone numbers, as text messages.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sms {
    gateway: Arc<dyn SmsGateway>,
    template: SmsTemplate,
    max_segments: usize,
}

impl Sms {
    /// Text messages by way of that gateway.
    pub fn new(gateway: impl SmsGateway) -> Self {
        Self { gateway: Arc::new(gateway), template: SmsTemplate::default(), max_segments: 10 }
    }

    /// What the messages say.
    pub fn template(self, template: SmsTemplate) -> Self {
        Self { template, ..self }
    }

    /// How many [`segments`] a message may take, 10 by default: that is what gateways put together, and each is paid for. A
    /// longer message is not sent.
    pub fn max_segments(self, max_segments: usize) -> Self {
        Self { max_segments, ..self }
    }

    pub(crate) async fn send(&self, job: &Job, to: &PhoneNumber, message: &Message) -> Result<Receipt, Failure> {
        let (text, remaining) = match message {
            Message::Link { link, origin, remaining } => {
                let wording = Wording::of_link(link, origin.as_ref(), *remaining);
                let text = self.template.link().fill(|slot| match slot {
                    Slot::Link => link.expose(),
                    Slot::Origin => &wording.origin,
                    _ => &wording.minutes,
                });
                (text, *remaining)
            }
            Message::Confirmation { code, remaining } => {
                let minutes = minutes(*remaining);
                let fill = |slot| if slot == Slot::Code { code.expose() } else { &minutes };
                (self.template.confirmation().fill(fill), *remaining)
            }
            _ => return Err(DeliveryError::UnknownKind.into()),
        };
        if segments(&text) > self.max_segments {
            return Err(DeliveryError::TooLong { max: self.max_segments, of: Unit::Segments }.into());
        }
        self.gateway.send(&TextMessage { id: &job.id, to, text: &text, remaining, within: job.within }).await
    }
}
