//! Web push: RFC 8030, with encryption (RFC 8291) and VAPID signatures (RFC 8292).

mod encryption;
mod text;
mod vapid;

pub use text::PushText;
pub use vapid::{VapidKey, VapidSubject};

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::endpoints::PushSubscription;
use challenges_core::outbox::{Failure, Job, Message, Retry};
use challenges_core::time::{Clock, SystemClock};
use challenges_core::{ChallengeId, Origin};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{Method, StatusCode};

use crate::client::{GuardedClient, Request, Response};
use crate::error::{Blocked, DeliveryError};
use crate::notice::NoticeText;
use crate::outcome::{explain, failure, outcome};
use crate::reason::secret_words;
use crate::wording::origin_of;

const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Sends links and notices to browsers through push services.
///
/// Each message has a fresh key pair and salt, is padded to a multiple of 256 bytes, expires with the challenge, and
/// replaces an undelivered earlier message of the same challenge. [`PushText`] defines the payload. Codes are never
/// pushed.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebPush {
    client: GuardedClient,
    key: Arc<VapidKey>,
    subject: VapidSubject,
    text: PushText,
    notices: NoticeText,
    clock: Arc<dyn Clock>,
    proven: Proven,
}

impl WebPush {
    /// Creates a sender of push messages signed with `key`.
    ///
    /// Browsers choose their push service. The client's guard should therefore be
    /// [`Guard::any_host`](crate::Guard::any_host), or list the push services to support.
    ///
    /// Pages subscribe with [`VapidKey::public_key`]. A subscription works with that key only. A subscription of
    /// another key is deleted after the push service has accepted a message of this sender. Until then the subscription
    /// is kept, because the key of the host may be the wrong one.
    pub fn new(client: GuardedClient, key: VapidKey, subject: VapidSubject) -> Self {
        let (key, clock) = (Arc::new(key), Arc::new(SystemClock));
        let (text, notices) = (PushText::default(), NoticeText::default());
        Self { client, key, subject, text, notices, clock, proven: Proven::default() }
    }

    /// Sets the text of the messages.
    pub fn text(self, text: PushText) -> Self {
        Self { text, ..self }
    }

    /// Sets the text of notices.
    pub fn notices(self, notices: NoticeText) -> Self {
        Self { notices, ..self }
    }

    /// Sets the clock for the expiry of signatures; for tests.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    pub(crate) async fn send(
        &self,
        job: &Job,
        to: &PushSubscription,
        message: &Message,
    ) -> Result<Option<u16>, Failure> {
        let topic = job.challenge.map(topic);
        let (payload, remaining, link) = match message {
            Message::Link { link, origin, remaining, .. } => {
                let payload = self.text.payload(link, origin.as_ref(), *remaining, topic.as_deref())?;
                (payload, *remaining, Some(link.expose()))
            }
            Message::Notice { notice, at, remaining } => {
                let (title, body) = self.notices.of(job, *notice, *at);
                (text::payload(&title, &body, None, None)?, *remaining, None)
            }
            _ => return Err(DeliveryError::CodeByPush.into()),
        };
        self.client.guard().check(to.endpoint()).map_err(DeliveryError::from)?;
        let audience = origin_of(to.endpoint()).ok_or(DeliveryError::Blocked(Blocked::Malformed))?;
        let mut request = Request::new(Method::POST, to.endpoint())
            .header(AUTHORIZATION, self.key.authorization(&audience, &self.subject, self.clock.now())?)?
            .header(CONTENT_TYPE, "application/octet-stream")?
            .header(CONTENT_ENCODING, "aes128gcm")?
            .header(TTL, remaining.as_secs().to_string())?
            .header(URGENCY, "high")?
            .body(encryption::encrypt(to, &payload)?);
        if let Some(topic) = topic {
            request = request.header(TOPIC, topic)?;
        }
        let response = self.client.send(request, job.timeout).await?;
        let mut secrets = vec![to.endpoint(), to.p256dh(), to.auth()];
        let segments = to.endpoint().split(['/', '?', '=', '&', ':']).filter(|segment| segment.len() >= 8);
        secrets.extend(link);
        secrets.extend(link.into_iter().flat_map(secret_words).chain(segments));
        let outcome = push_outcome(&response, self.proven.contains(&audience));
        if outcome.is_ok() {
            self.proven.add(&audience);
        }
        explain(outcome, &response, &secrets)
    }
}

/// Returns the topic of a challenge (RFC 8030 section 5.4). A message replaces an undelivered message of the same
/// topic.
///
/// The topic is a hash, because the push service must not learn the challenge id.
fn topic(challenge: ChallengeId) -> String {
    let hash = digest(&SHA256, format!("challenges/v1/topic/{challenge}").as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash.as_ref().get(..24).unwrap_or_default())
}

fn push_outcome(response: &Response, is_proven: bool) -> Result<Option<u16>, Failure> {
    let status = response.status;
    let code = status.as_u16();
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(failure(Retry::AddressGone, DeliveryError::SubscriptionGone(code), status))
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if names_other_key(response) => {
            if !is_proven {
                return Err(failure(Retry::Never, DeliveryError::VapidKeyUnproven(code), status));
            }
            Err(failure(Retry::AddressGone, DeliveryError::SubscriptionKey(code), status))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(failure(Retry::Never, DeliveryError::VapidRefused(code), status))
        }
        StatusCode::NOT_ACCEPTABLE if response.retry_after.is_some() || has_wns_status(response, WNS_THROTTLED) => {
            Err(failure(Retry::Later(response.retry_after), DeliveryError::Status(code), status))
        }
        _ if status.is_success() && has_wns_status(response, WNS_THROTTLED) => {
            Err(failure(Retry::Later(response.retry_after), DeliveryError::PushDropped(code), status))
        }
        _ if status.is_success() && has_wns_status(response, WNS_DROPPED) => {
            Err(failure(Retry::Never, DeliveryError::PushDropped(code), status))
        }
        _ => outcome(response),
    }
}

/// The push services that have accepted a message under the key of this sender.
///
/// If the host was started with a wrong key, every subscription belongs to another key. Only an accepted message shows
/// that a refused subscription is at fault, and not the key of the host.
#[derive(Clone, Debug, Default)]
struct Proven(Arc<Mutex<VecDeque<String>>>);

impl Proven {
    /// The maximum number of services. Users choose the service, so there may be many. Another service displaces the
    /// first one, which returns with the next message that it accepts.
    const MAX: usize = 256;

    fn contains(&self, service: &Origin) -> bool {
        self.lock().iter().any(|proven| proven == service.as_str())
    }

    fn add(&self, service: &Origin) {
        if self.contains(service) {
            return;
        }
        let mut proven = self.lock();
        if proven.len() >= Self::MAX {
            proven.pop_front();
        }
        proven.push_back(service.as_str().to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        // No code panics halfway through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The phrases by which push services say that a subscription belongs to another VAPID key, in lower case.
///
/// | service | phrase |
/// |---|---|
/// | Firebase Cloud Messaging | "the VAPID credentials ... do not correspond to the credentials used to create the subscriptions" |
/// | Firebase, older subscriptions | "does not correspond to the sender ID", "MismatchSenderId" |
/// | Mozilla | "VAPID public key mismatch" |
/// | Apple | "VapidPkHashMismatch" |
const OTHER_KEY: [&str; 5] = [
    "not correspond to the credentials",
    "not correspond to the sender",
    "mismatchsenderid",
    "key mismatch",
    "pkhashmismatch",
];

fn names_other_key(response: &Response) -> bool {
    let body = String::from_utf8_lossy(&response.body_start).to_lowercase();
    let description = response.headers.get("x-wns-error-description").and_then(|value| value.to_str().ok());
    let description = description.unwrap_or_default().to_lowercase();
    OTHER_KEY.iter().any(|phrase| body.contains(phrase) || description.contains(phrase))
}

/// The states in which Microsoft's push service has discarded a message, whatever the HTTP status.
const WNS_THROTTLED: &str = "channelthrottled";
const WNS_DROPPED: &str = "dropped";

fn has_wns_status(response: &Response, state: &str) -> bool {
    ["x-wns-notificationstatus", "x-wns-status"]
        .iter()
        .filter_map(|name| response.headers.get(*name))
        .any(|value| value.as_bytes().eq_ignore_ascii_case(state.as_bytes()))
}

#[cfg(test)]
mod tests;
