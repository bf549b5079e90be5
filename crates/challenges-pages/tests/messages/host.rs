//! A phone and a mailbox, and every message that they can receive.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::outbox::{Errand, Failure, Job, Message};
use challenges_core::{Courier, OutboxId, Owner, Timestamp};
use challenges_delivery::{Delivery, Email, EmailMessage, Mailer, Sms, SmsGateway, TextMessage};
use challenges_pages::{Catalogue, TranslatedDelivery};
use challenges_testkit::notices;

pub(crate) const CODE: &str = "813570";
pub(crate) const SECRET: &str = "qP2_x-7ZbTn0aRkVw4sLdYfGhJcM6uEi9oKp1tQzXvB";
pub(crate) const LANGUAGES: [&str; 7] = ["en", "de", "fr", "es", "pt", "ja", "ar"];

/// Returns a link as long as those of the pages.
pub(crate) fn link() -> String {
    let id = "0001000000000000000000000000000000000007";
    format!("https://app.example/mfa/answer?challenge_id={id}&challenge_answer={SECRET}&challenge_uid=alice")
}

/// The subject and text of the received messages. Text messages have an empty subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received(Arc<Mutex<Vec<(String, String)>>>);

impl Received {
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery::new().sms(Sms::new(self.clone())).email(Email::new(self.clone()))
    }

    /// Returns a courier that writes to everybody in one language.
    pub(crate) fn translated(&self, catalogue: &Catalogue, language: &'static str) -> TranslatedDelivery {
        TranslatedDelivery::new(self.delivery(), catalogue, move |_| async move { language.to_owned() }).unwrap()
    }

    /// Performs an errand, and returns the subject and text.
    pub(crate) async fn by(&self, courier: &impl Courier, user: &str, errand: Errand) -> (String, String) {
        courier.perform(&job(user, errand)).await.unwrap();
        self.0.lock().unwrap().pop().unwrap()
    }
}

#[async_trait]
impl SmsGateway for Received {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        self.0.lock().unwrap().push((String::new(), message.text.to_owned()));
        Ok(None)
    }
}

#[async_trait]
impl Mailer for Received {
    async fn send(&self, message: &EmailMessage<'_>) -> Result<Option<u16>, Failure> {
        self.0.lock().unwrap().push((message.subject.to_owned(), message.text.to_owned()));
        Ok(None)
    }
}

pub(crate) fn job(user: &str, errand: Errand) -> Job {
    let id: OutboxId = "0001000000000000000000000000000000000001".parse().unwrap();
    Job::new(id, Owner::user(user).unwrap(), None, errand)
}

pub(crate) fn sms(message: Message) -> Errand {
    Errand::Sms { to: "+4915112345678".parse().unwrap(), message }
}

pub(crate) fn email(message: Message) -> Errand {
    Errand::Email { to: "alice@mail.example".parse().unwrap(), message }
}

pub(crate) fn confirmation() -> Message {
    Message::Confirmation { code: CODE.into(), remaining: Duration::from_secs(600) }
}

/// Returns the message of an errand.
pub(crate) fn message(errand: &Errand) -> &Message {
    let (Errand::Sms { message, .. } | Errand::Email { message, .. }) = errand else { panic!("{errand:?}") };
    message
}

/// Returns every message, by each channel.
pub(crate) fn errands() -> Vec<Errand> {
    [sms as fn(Message) -> Errand, email].into_iter().flat_map(|channel| messages().into_iter().map(channel)).collect()
}

fn messages() -> Vec<Message> {
    let remaining = Duration::from_secs(600);
    let asking = |code: Option<&str>| Message::Link {
        link: link().into(),
        code: code.map(Into::into),
        origin: Some("https://app.example".parse().unwrap()),
        remaining,
    };
    let at = Timestamp::from_seconds(784_111_777);
    let notices = notices().into_iter().map(|notice| Message::Notice { notice, at, remaining });
    [asking(None), asking(Some(CODE)), confirmation()].into_iter().chain(notices).collect()
}
