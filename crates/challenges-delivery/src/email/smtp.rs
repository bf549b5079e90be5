use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::Secret;
use challenges_core::outbox::Failure;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use self::connections::Connections;
use super::{EmailMessage, Mailer};
use crate::error::DeliveryError;
use crate::reason::{ServiceReason, secret_words};

mod builder;
mod connections;

pub use builder::SmtpMailerBuilder;

/// Hands e-mails to an SMTP server (RFC 5321), the mail server of the host or of a provider.
///
/// | reply | outcome |
/// |---|---|
/// | 2xx to the text of the e-mail | done |
/// | 4xx | retries |
/// | 5xx | fails; the address is kept, because servers also refuse the sender in this way |
/// | none, a broken connection, a refused certificate, no STARTTLS where required | retries |
///
/// A failure contains the reason given by the server; see [`ServiceReason`].
///
/// Connections are encrypted, unless the host calls [`SmtpMailerBuilder::danger_plain_text`]. Up to 4 idle connections
/// are kept for 20 seconds. A connection with an unfinished conversation is never used again.
///
/// Every attempt has the same `Message-ID`. An e-mail whose reply was lost is sent again, and mailboxes that compare
/// the `Message-ID` show a single e-mail. E-mails are marked as `Auto-Submitted: auto-generated` (RFC 3834).
///
/// Do not enable the feature `tracing` of the crate `lettre`: the events of `lettre` contain the e-mails and the
/// password.
#[derive(Clone)]
pub struct SmtpMailer {
    inner: Arc<Inner>,
}

struct Inner {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<(String, Secret)>,
    hello_name: ClientId,
    from: Mailbox,
    connections: Connections,
}

/// The encryption of connections.
enum Encryption {
    /// TLS from the first byte.
    Tls(TlsParameters),
    /// TLS from the command STARTTLS on (RFC 3207).
    StartTls(TlsParameters),
    None,
}

impl SmtpMailer {
    /// Configures a mailer for the server `host`. The e-mails come from `from`, such as `Example <login@example.org>`.
    pub fn builder(host: &str, from: &str) -> SmtpMailerBuilder {
        SmtpMailerBuilder::new(host, from)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, message: &EmailMessage<'_>) -> Result<Option<u16>, Failure> {
        let email = self.inner.compose(message)?;
        // A silent server would hold the attempt forever: `lettre` limits the time of connecting only.
        let sent = timeout(message.timeout, self.inner.converse(&email)).await.map_err(|_| DeliveryError::Timeout)?;
        sent.map_err(|problem| problem.into_failure(message))
    }
}

/// The reason why an e-mail was not sent.
enum Problem {
    Connecting(Error),
    Sending(Error),
}

impl Inner {
    fn compose(&self, message: &EmailMessage<'_>) -> Result<Message, DeliveryError> {
        let to = message.to.as_str().parse().map_err(|_| DeliveryError::Sender)?;
        let domain = self.from.email.domain();
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let email = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject)
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.to_owned());
        email.map_err(|_| DeliveryError::Sender)
    }

    /// Sends an e-mail. Dropping the future also drops the connection. Otherwise a late reply could be taken for the
    /// reply to the next e-mail.
    async fn converse(&self, email: &Message) -> Result<Option<u16>, Problem> {
        let mut connection = match self.connections.take().await {
            Some(connection) => connection,
            None => self.connect().await.map_err(Problem::Connecting)?,
        };
        let reply = connection.send(email.envelope(), &email.formatted()).await.map_err(Problem::Sending)?;
        self.connections.put(connection);
        Ok(Some(reply.code().into()))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let address = (self.host.as_str(), self.port);
        let tls = match &self.encryption {
            Encryption::Tls(tls) => Some(tls.clone()),
            Encryption::StartTls(_) | Encryption::None => None,
        };
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, None, &self.hello_name, tls, None).await?;
        if let Encryption::StartTls(tls) = &self.encryption {
            connection.starttls(tls.clone(), &self.hello_name).await?;
        }
        if let Some((user, password)) = &self.credentials {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }
}

impl Problem {
    fn into_failure(self, message: &EmailMessage<'_>) -> Failure {
        let (Self::Connecting(error) | Self::Sending(error)) = &self;
        if let Some(code) = error.status() {
            let code = code.into();
            // The source is the text of the reply. Servers repeat the address there.
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            let mut secrets = vec![message.to.as_str(), message.text];
            secrets.extend(message.to.as_str().rsplit_once('@').map(|(local, _)| local));
            secrets.extend(secret_words(message.text));
            let refusal = DeliveryError::Smtp(code);
            let refusal = match ServiceReason::new(&text, &secrets) {
                Some(reason) => DeliveryError::Explained { error: Box::new(refusal), reason },
                None => refusal,
            };
            return Failure::from(refusal).with_status(code);
        }
        if error.is_response() {
            // The source may repeat the reply.
            return DeliveryError::Exchange(io::Error::from(io::ErrorKind::InvalidData).into()).into();
        }
        match self {
            Self::Connecting(error) => DeliveryError::Connect(error.into()).into(),
            Self::Sending(error) => DeliveryError::Exchange(error.into()).into(),
        }
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { host, port, .. } = &*self.inner;
        f.debug_struct("SmtpMailer").field("host", host).field("port", port).finish_non_exhaustive()
    }
}
