use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges_core::{Failure, Receipt, Retry, Secret};
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::{SmsGateway, TextMessage};
use crate::answer::{failure, judge};
use crate::client::{Call, GuardedClient, Reply};
use crate::error::DeliveryError;
use crate::guard::Guard;

const HOST: &str = "api.twilio.com";
/// What Twilio takes as a validity period, in seconds.
const VALIDITY: std::ops::RangeInclusive<u64> = 1..=36_000;

/// The Messages resource of Twilio's API, version 2010-04-01.
///
/// Twilio takes no idempotency key: a message whose answer was lost is sent again.
#[derive(Clone)]
pub struct Twilio {
    client: GuardedClient,
    base: String,
    account: String,
    authorization: Arc<Zeroizing<String>>,
    sender: TwilioSender,
}

/// Whom messages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TwilioSender {
    /// A number of the account in E.164 form, a short code, or an alphanumeric sender id.
    From(String),
    /// A messaging service, by its SID.
    MessagingService(String),
}

impl Twilio {
    /// Twilio by account SID and auth token.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::TwilioId`] when the SID or the sender is malformed, and those of [`GuardedClient::new`].
    pub fn new(account: &str, auth_token: &Secret, sender: TwilioSender) -> Result<Self, DeliveryError> {
        Self::with_api_key(account, account, auth_token, sender)
    }

    /// The same by an API key of the account, which can be revoked by itself: its SID and its secret.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_api_key(
        account: &str,
        key: &str,
        secret: &Secret,
        sender: TwilioSender,
    ) -> Result<Self, DeliveryError> {
        let sid = |text: &str| (2..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let named = match &sender {
            TwilioSender::From(from) => !from.is_empty(),
            TwilioSender::MessagingService(service) => sid(service),
        };
        if !sid(account) || !sid(key) || !named {
            return Err(DeliveryError::TwilioId);
        }
        let credentials = Zeroizing::new(format!("{key}:{}", secret.expose()));
        let authorization = format!("Basic {}", *Zeroizing::new(BASE64_STANDARD.encode(credentials.as_bytes())));
        let client = GuardedClient::new(Guard::only_hosts([HOST])?)?;
        let (base, account) = (format!("https://{HOST}"), account.to_owned());
        Ok(Self { client, base, account, authorization: Arc::new(authorization.into()), sender })
    }

    /// The API at another place, such as that of a region: an origin without a trailing slash, through a client whose guard
    /// lets it out.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Blocked`] when the guard does not.
    pub fn at(self, base: &str, client: GuardedClient) -> Result<Self, DeliveryError> {
        client.guard().check(base)?;
        Ok(Self { client, base: base.to_owned(), ..self })
    }
}

#[async_trait]
impl SmsGateway for Twilio {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Receipt, Failure> {
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.base, self.account);
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
        let call = Call::new(Method::POST, &url)
            .header(AUTHORIZATION, self.authorization.as_str())?
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")?
            .body(form);
        judge_twilio(&self.client.send(call, message.within).await?)
    }
}

/// Twilio says with a code of its own why it refuses a message.
fn judge_twilio(reply: &Reply) -> Result<Receipt, Failure> {
    #[derive(Deserialize)]
    struct Refusal {
        code: u32,
    }
    let judged = judge(reply);
    match (&judged, serde_json::from_slice(&reply.start)) {
        (Err(Failure { then: Retry::Never, .. }), Ok(Refusal { code })) => {
            let error = DeliveryError::Twilio { code, status: reply.status.as_u16() };
            Err(failure(Retry::Never, error, reply.status))
        }
        _ => judged,
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio").field("base", &self.base).finish_non_exhaustive()
    }
}
