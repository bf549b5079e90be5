use async_trait::async_trait;
use challenges_core::{Courier, Errand, Failure, Job, Receipt};
use tokio::time::timeout;

use crate::action::HttpActions;
use crate::error::{DeliveryError, Part};
use crate::push::WebPush;
use crate::sms::Sms;

/// The [`Courier`] of this crate. It has the parts that it is given; a job for one that it lacks fails for good.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Delivery {
    push: Option<WebPush>,
    sms: Option<Sms>,
    actions: Option<HttpActions>,
}

impl Delivery {
    /// A courier without any part.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends push messages.
    pub fn web_push(self, push: WebPush) -> Self {
        Self { push: Some(push), ..self }
    }

    /// Sends text messages.
    pub fn sms(self, sms: Sms) -> Self {
        Self { sms: Some(sms), ..self }
    }

    /// Runs HTTP actions.
    pub fn actions(self, actions: HttpActions) -> Self {
        Self { actions: Some(actions), ..self }
    }

    async fn carry_out(&self, job: &Job) -> Result<Receipt, Failure> {
        match &job.errand {
            Errand::Push { to, message } => {
                let push = self.push.as_ref().ok_or(DeliveryError::NotSetUp(Part::WebPush))?;
                push.send(job, to, message).await
            }
            Errand::Sms { to, message } => {
                let sms = self.sms.as_ref().ok_or(DeliveryError::NotSetUp(Part::Sms))?;
                sms.send(job, to, message).await
            }
            Errand::Act { actor, action } => {
                let actions = self.actions.as_ref().ok_or(DeliveryError::NotSetUp(Part::Actions))?;
                actions.run(job, actor, action).await
            }
            _ => Err(DeliveryError::UnknownKind.into()),
        }
    }
}

#[async_trait]
impl Courier for Delivery {
    async fn perform(&self, job: &Job) -> Result<Receipt, Failure> {
        // Gateways and token issuers are the host's; this holds whatever they do.
        timeout(job.within, self.carry_out(job)).await.map_err(|_| DeliveryError::Timeout)?
    }
}
