//! Web push: RFC 8030, encrypted by RFC 8291, signed by RFC 8292.

mod encryption;
mod text;
mod vapid;

pub use text::PushText;
pub use vapid::{VapidKey, VapidSubject};

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::{ChallengeId, Clock, Failure, Job, Message, PushSubscription, Receipt, Retry, SystemClock};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{Method, StatusCode};

use crate::answer::{failure, judge};
use crate::client::{Call, GuardedClient, Reply};
use crate::error::{Blocked, DeliveryError};
use crate::wording::origin_of;

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Sends links to browsers, by way of their push services.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebPush {
    client: GuardedClient,
    key: Arc<VapidKey>,
    subject: VapidSubject,
    text: PushText,
    clock: Arc<dyn Clock>,
}

impl WebPush {
    /// Push messages signed with that key, through that client. Browsers choose where their push service is, so its guard is
    /// [`Guard::any_host`](crate::Guard::any_host), or names the push services that are to be used.
    ///
    /// The pages subscribe with [`VapidKey::public_key`]; a subscription is good for that key alone.
    pub fn new(client: GuardedClient, key: VapidKey, subject: VapidSubject) -> Self {
        let (key, clock) = (Arc::new(key), Arc::new(SystemClock));
        Self { client, key, subject, text: PushText::default(), clock }
    }

    /// What the messages say.
    pub fn text(self, text: PushText) -> Self {
        Self { text, ..self }
    }

    /// Who tells the time, by which signatures end.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    pub(crate) async fn send(&self, job: &Job, to: &PushSubscription, message: &Message) -> Result<Receipt, Failure> {
        let Message::Link { link, origin, remaining } = message else {
            return Err(DeliveryError::CodeByPush.into());
        };
        self.client.guard().check(to.endpoint()).map_err(DeliveryError::from)?;
        let audience = origin_of(to.endpoint()).ok_or(DeliveryError::Blocked(Blocked::Malformed))?;
        let topic = job.challenge.map(topic);
        let payload = self.text.payload(link, origin.as_ref(), *remaining, topic.as_deref())?;
        let mut call = Call::new(Method::POST, to.endpoint())
            .header(AUTHORIZATION, self.key.authorization(&audience, &self.subject, self.clock.now())?)?
            .header(CONTENT_TYPE, "application/octet-stream")?
            .header(CONTENT_ENCODING, "aes128gcm")?
            .header(TTL, remaining.as_secs().to_string())?
            .header(URGENCY, "high")?
            .body(encryption::encrypt(to, &payload)?);
        if let Some(topic) = topic {
            call = call.header(TOPIC, topic)?;
        }
        judge_push(&self.client.send(call, job.within).await?)
    }
}

/// The topic of a challenge (RFC 8030 section 5.4), by which a later message takes the place of an earlier one that was not
/// delivered yet. It is a hash, since the push service reads it and a challenge id is for the user alone.
fn topic(challenge: ChallengeId) -> String {
    let hash = digest(&SHA256, format!("challenges/v1/topic/{challenge}").as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash.as_ref().get(..24).unwrap_or_default())
}

fn judge_push(reply: &Reply) -> Result<Receipt, Failure> {
    let status = reply.status;
    let code = status.as_u16();
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(failure(Retry::AddressGone, DeliveryError::SubscriptionGone(code), status))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(failure(Retry::Never, DeliveryError::VapidRefused(code), status))
        }
        _ => judge(reply),
    }
}
