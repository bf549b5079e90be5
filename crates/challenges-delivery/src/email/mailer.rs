use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::OutboxId;
use challenges_core::endpoints::EmailAddress;
use challenges_core::outbox::Failure;

/// Hands e-mails to a mail server or a service.
///
/// # Contract
///
/// - The same e-mail may be sent more than once, always with the same [`EmailMessage::id`]. Pass the id on as an
///   idempotency key, or in the `Message-ID`.
/// - Return within [`EmailMessage::timeout`].
/// - Return `Ok` only after the server has accepted the e-mail.
/// - No error contains the address or the text.
#[async_trait]
pub trait Mailer: fmt::Debug + Send + Sync + 'static {
    /// Sends an e-mail once. Returns the status code of the reply, if any, for the log.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the server refused the e-mail, or the outcome is unknown.
    async fn send(&self, message: &EmailMessage<'_>) -> Result<Option<u16>, Failure>;
}

/// An e-mail of plain text.
#[non_exhaustive]
pub struct EmailMessage<'a> {
    /// The idempotency key, the same at every attempt.
    pub id: &'a OutboxId,
    /// The number of this attempt, from 1. Later attempts repeat the idempotency key.
    pub attempt: u32,
    /// The recipient.
    pub to: &'a EmailAddress,
    /// The subject: one line without a secret.
    pub subject: &'a str,
    /// The text, which contains a secret, except in notices. Lines end with a line feed.
    pub text: &'a str,
    /// The remaining lifetime of the secret or notice, after which the e-mail is useless.
    pub remaining: Duration,
    /// The time limit of the attempt.
    pub timeout: Duration,
}

impl fmt::Debug for EmailMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailMessage").field("id", self.id).finish_non_exhaustive()
    }
}
