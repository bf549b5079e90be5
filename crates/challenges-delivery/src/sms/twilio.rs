use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges_core::Secret;
use challenges_core::outbox::{Failure, Retry};
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::{SmsGateway, TextMessage};
use crate::client::{GuardedClient, Request, Response};
use crate::error::DeliveryError;
use crate::outcome::{explain, failure, outcome};
use crate::reason::secret_words;

/// The validity periods that Twilio accepts, in seconds.
const VALIDITY: std::ops::RangeInclusive<u64> = 1..=36_000;

/// Twilio's Messages resource, API version 2010-04-01.
///
/// Twilio accepts no idempotency key. A message whose response was lost is sent again.
#[derive(Clone)]
pub struct Twilio {
    client: GuardedClient,
    url: String,
    authorization: Arc<Zeroizing<String>>,
    sender: TwilioSender,
}

/// The sender of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TwilioSender {
    /// A phone number of the account in E.164 form, a short code, or an alphanumeric sender id.
    From(String),
    /// The SID of a messaging service.
    MessagingService(String),
}

/// The credentials of an account.
#[derive(Debug)]
#[non_exhaustive]
pub enum TwilioAuth {
    /// The account's auth token.
    Token(Secret),
    /// An API key, which can be revoked separately.
    ApiKey {
        /// The SID of the key.
        sid: String,
        /// The secret of the key.
        secret: Secret,
    },
}

impl Twilio {
    /// The host of the API, which the client's guard must allow.
    pub const HOST: &str = "api.twilio.com";

    /// Creates a gateway for the account with the SID `account`.
    ///
    /// # Errors
    ///
    /// - [`DeliveryError::TwilioId`] when an identifier is malformed.
    /// - [`DeliveryError::Blocked`] when the client's guard blocks [`HOST`](Self::HOST).
    pub fn new(
        client: GuardedClient,
        account: &str,
        auth: &TwilioAuth,
        sender: TwilioSender,
    ) -> Result<Self, DeliveryError> {
        Self::at(&format!("https://{}", Self::HOST), client, account, auth, sender)
    }

    /// Creates a gateway at another origin, such as a regional one. `origin` has no trailing slash.
    ///
    /// # Errors
    ///
    /// Same as [`new`](Self::new).
    pub fn at(
        origin: &str,
        client: GuardedClient,
        account: &str,
        auth: &TwilioAuth,
        sender: TwilioSender,
    ) -> Result<Self, DeliveryError> {
        let (user, secret) = match auth {
            TwilioAuth::Token(token) => (account, token),
            TwilioAuth::ApiKey { sid, secret } => (sid.as_str(), secret),
        };
        let named = match &sender {
            TwilioSender::From(from) => !from.is_empty(),
            TwilioSender::MessagingService(service) => is_sid(service),
        };
        if !is_sid(account) || !is_sid(user) || !named {
            return Err(DeliveryError::TwilioId);
        }
        let url = format!("{origin}/2010-04-01/Accounts/{account}/Messages.json");
        client.guard().check(&url)?;
        let credentials = Zeroizing::new(format!("{user}:{}", secret.expose()));
        let credentials = Zeroizing::new(BASE64_STANDARD.encode(credentials.as_bytes()));
        let authorization = Arc::new(Zeroizing::new(format!("Basic {}", *credentials)));
        Ok(Self { client, url, authorization, sender })
    }
}

/// Checks a SID. Other characters could change the path of the URL.
fn is_sid(text: &str) -> bool {
    (2..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[async_trait]
impl SmsGateway for Twilio {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        let (sender, value) = match &self.sender {
            TwilioSender::From(from) => ("From", from),
            TwilioSender::MessagingService(service) => ("MessagingServiceSid", service),
        };
        let validity = message.remaining.as_secs().clamp(*VALIDITY.start(), *VALIDITY.end());
        let form = Serializer::new(String::new())
            .append_pair("To", message.to.as_str())
            .append_pair(sender, value)
            .append_pair("Body", message.text)
            .append_pair("ValidityPeriod", &validity.to_string())
            .finish();
        let request = Request::new(Method::POST, &self.url)
            .header(AUTHORIZATION, self.authorization.as_str())?
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")?
            .body(form);
        let response = self.client.send(request, message.timeout).await?;
        let mut secrets = vec![message.to.as_str(), message.text, self.authorization.as_str()];
        secrets.extend(secret_words(message.text));
        explain(twilio_outcome(&response), &response, &secrets)
    }
}

/// Classifies a response by the status and Twilio's error code.
///
/// | code | meaning | outcome |
/// |--:|---|---|
/// | 21211, 21614 | not a number that receives text messages | the address is gone |
/// | 21610 | the owner of the number has replied STOP | the address is gone |
/// | 20429, 21611 | too many requests, or the sender's queue is full | retries |
/// | other, with a permanent failure | see Twilio's error dictionary | fails |
fn twilio_outcome(response: &Response) -> Result<Option<u16>, Failure> {
    #[derive(Deserialize)]
    struct Refusal {
        code: u32,
    }
    let outcome = outcome(response);
    match (&outcome, serde_json::from_slice(&response.body_start)) {
        (Err(Failure { then: Retry::Never, .. }), Ok(Refusal { code })) => {
            let error = DeliveryError::Twilio { code, status: response.status.as_u16() };
            let then = match code {
                20429 | 21611 => Retry::Later(response.retry_after),
                _ => error.retry(),
            };
            Err(failure(then, error, response.status))
        }
        _ => outcome,
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio").field("sender", &self.sender).finish_non_exhaustive()
    }
}
