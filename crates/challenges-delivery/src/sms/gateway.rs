use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::OutboxId;
use challenges_core::endpoints::PhoneNumber;
use challenges_core::outbox::Failure;

/// Hands text messages to an SMS provider.
///
/// # Contract
///
/// - The same message may be sent more than once, always with the same [`TextMessage::id`]. Pass the id on if the
///   provider accepts idempotency keys.
/// - Return within [`TextMessage::timeout`].
/// - Return `Ok` only after the provider has accepted the message.
/// - No error contains the phone number or the text.
#[async_trait]
pub trait SmsGateway: fmt::Debug + Send + Sync + 'static {
    /// Sends a message once. Returns the HTTP status of the response, if any, for the log.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the provider did not accept the message, or may not have.
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure>;
}

/// A text message.
#[non_exhaustive]
pub struct TextMessage<'a> {
    /// The idempotency key, the same at every attempt.
    pub id: &'a OutboxId,
    /// The number of this attempt, from 1. Later attempts repeat the idempotency key.
    pub attempt: u32,
    /// The recipient.
    pub to: &'a PhoneNumber,
    /// The text, which contains a secret, except in notices.
    pub text: &'a str,
    /// The remaining lifetime of the secret or notice, after which the message is useless.
    pub remaining: Duration,
    /// The time limit of the attempt.
    pub timeout: Duration,
}

impl fmt::Debug for TextMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage").field("id", self.id).finish_non_exhaustive()
    }
}
