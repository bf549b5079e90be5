use async_trait::async_trait;
use challenges_core::Courier;
use challenges_core::outbox::{Errand, Failure, Job};
use tokio::time::timeout;

use crate::action::HttpActions;
use crate::email::{Email, EmailTemplate};
use crate::error::{DeliveryError, Part};
use crate::notice::NoticeText;
use crate::push::{PushText, WebPush};
use crate::resolver::Share;
use crate::sms::{Sms, SmsTemplate};

/// The [`Courier`] of this crate.
///
/// | job | fails permanently with |
/// |---|---|
/// | for a part that is not configured | [`DeliveryError::NotConfigured`] |
/// | a notice of [`Policy::notify_host`](challenges_core::Policy::notify_host) | [`DeliveryError::HostNotice`]; handle such notices in a courier of your own, and pass on all other jobs |
///
/// # Retries
///
/// | response | HTTP action, text message | web push |
/// |---|---|---|
/// | 2xx | done | done |
/// | 3xx | fails, because redirects are not followed | fails |
/// | 400, 401, 403, if the service says that the subscription belongs to another VAPID key | fails | fails; the subscription is deleted if the service has accepted a message under the key of the host before |
/// | other 401, 403 | fails | fails, because the service rejects the VAPID signature |
/// | 404, 410 | fails | fails, and the subscription is deleted |
/// | 406 with `Retry-After`, or with a throttling `X-WNS-*` header | fails | retries, because Microsoft's push service limits rates in this way |
/// | 408, 425, 429, 5xx | retries, after `Retry-After` (seconds or a date, at most one day) | retries likewise |
/// | 409, from the second attempt on | retries, because an earlier attempt with the same `Idempotency-Key` is in progress | fails |
/// | other 4xx | fails | fails |
/// | 2xx, with an error in the body or in `X-WNS-*` | as [`JsonGateway`](crate::JsonGateway) is told | fails, or retries if throttled |
/// | Twilio's error codes 21211, 21610 and 21614 | fails, and the phone number is deleted | |
/// | none, or a broken connection | retries | retries |
/// | none, because the guard blocked the request | fails | fails |
///
/// The outcome of an e-mail is decided by the [`Mailer`](crate::Mailer).
///
/// Failures of messages contain the reason that the service gave; see [`ServiceReason`](crate::ServiceReason).
/// Responses to actions are never repeated, because the creator of an action chooses the URL.
///
/// A request without a response may have taken effect. Every attempt at an action, and at a message through
/// [`JsonGateway`](crate::JsonGateway), carries the same `Idempotency-Key`. [`Twilio`](crate::Twilio) accepts no such
/// key, so a message whose response was lost is sent twice.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Delivery {
    push: Option<WebPush>,
    sms: Option<Sms>,
    email: Option<Email>,
    actions: Option<HttpActions>,
}

impl Delivery {
    /// Creates a courier without any part.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds web push.
    pub fn web_push(self, push: WebPush) -> Self {
        Self { push: Some(push), ..self }
    }

    /// Adds text messages.
    pub fn sms(self, sms: Sms) -> Self {
        Self { sms: Some(sms), ..self }
    }

    /// Adds e-mails.
    pub fn email(self, email: Email) -> Self {
        Self { email: Some(email), ..self }
    }

    /// Adds HTTP actions.
    pub fn actions(self, actions: HttpActions) -> Self {
        Self { actions: Some(actions), ..self }
    }

    /// Sets the texts of the parts added so far, for example in another language. The copies of a `Delivery` share
    /// gateways and connections, so a courier of the host can choose among copies in several languages.
    pub fn texts(self, sms: SmsTemplate, email: EmailTemplate, push: PushText, notices: &NoticeText) -> Self {
        Self {
            push: self.push.map(|part| part.text(push).notices(notices.clone())),
            sms: self.sms.map(|part| part.template(sms).notices(notices.clone())),
            email: self.email.map(|part| part.template(email).notices(notices.clone())),
            ..self
        }
    }

    async fn carry_out(&self, job: &Job) -> Result<Option<u16>, Failure> {
        match &job.errand {
            Errand::Push { to, message } => {
                let push = self.push.as_ref().ok_or(DeliveryError::NotConfigured(Part::WebPush))?;
                push.send(job, to, message).await
            }
            Errand::Sms { to, message } => {
                let sms = self.sms.as_ref().ok_or(DeliveryError::NotConfigured(Part::Sms))?;
                sms.send(job, to, message).await
            }
            Errand::Email { to, message } => {
                let email = self.email.as_ref().ok_or(DeliveryError::NotConfigured(Part::Email))?;
                email.send(job, to, message).await
            }
            Errand::Act { actor, action } => {
                let actions = self.actions.as_ref().ok_or(DeliveryError::NotConfigured(Part::Actions))?;
                actions.run(job, actor, action).await
            }
            Errand::Notice { .. } => Err(DeliveryError::HostNotice.into()),
            _ => Err(DeliveryError::UnknownKind.into()),
        }
    }
}

#[async_trait]
impl Courier for Delivery {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let attempt = share_of(job).scope(self.carry_out(job));
        // Gateways and token issuers are the host's code and may ignore the time limit.
        timeout(job.timeout, attempt).await.map_err(|_| DeliveryError::Timeout)?
    }
}

/// Returns the share of the look-ups for a job. The operator names the gateway and the mail server.
fn share_of(job: &Job) -> Share {
    let is_of_operator = matches!(job.errand, Errand::Sms { .. } | Errand::Email { .. });
    if is_of_operator { Share::Operator } else { Share::User(job.owner.clone()) }
}
