use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::{Failure, OutboxId, PhoneNumber, Receipt};

/// Hands text messages to whoever sends them.
///
/// # Contract
///
/// One message may come more than once, with the same [`TextMessage::id`]: a gateway that takes idempotency keys gets it.
/// Answer within [`TextMessage::within`]. Say [`Receipt`] when the gateway has the message, not before. No error holds the
/// number or the text.
#[async_trait]
pub trait SmsGateway: fmt::Debug + Send + Sync + 'static {
    /// Hands over a message, once.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the gateway did not take it, or nobody knows whether it did.
    async fn send(&self, message: &TextMessage<'_>) -> Result<Receipt, Failure>;
}

/// A text message.
#[non_exhaustive]
pub struct TextMessage<'a> {
    /// The same at every attempt.
    pub id: &'a OutboxId,
    /// To whom.
    pub to: &'a PhoneNumber,
    /// The text, which holds a secret.
    pub text: &'a str,
    /// How long the secret is good for: later the message is of no use.
    pub remaining: Duration,
    /// How long the attempt may take.
    pub within: Duration,
}

impl fmt::Debug for TextMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage").field("id", self.id).finish_non_exhaustive()
    }
}
