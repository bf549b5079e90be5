use std::error::Error;
use std::io;
use std::net::IpAddr;

use challenges_core::outbox::{Failure, Retry};

use crate::reason::ServiceReason;

/// An error of configuration or delivery. No variant holds a link, a token, a phone number, an e-mail address or a
/// whole body; [`ServiceReason`] is an extract without secrets.
///
/// [`retry`](Self::retry) tells whether another attempt makes sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The [`Guard`](crate::Guard) blocked the request.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The host name did not resolve.
    #[error("the host name does not resolve; check the name and this machine's name servers")]
    Resolve(#[source] io::Error),
    /// No connection could be made.
    #[error("cannot connect to the host; see the source of this error")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// No response arrived in time. The request may have taken effect.
    #[error(
        "no response in time; if the host is slow, raise both `GuardedClientBuilder::timeout` and `Policy::dispatch.attempt`"
    )]
    Timeout,
    /// The connection broke before a response arrived. The request may have taken effect.
    #[error("the connection broke, or the response is malformed; see the source of this error")]
    Exchange(#[source] Box<dyn Error + Send + Sync>),
    /// The server responded with a status other than 2xx or 3xx.
    #[error("the server responded with HTTP status {0}")]
    Status(u16),
    /// The server responded with a redirect, and redirects are not followed.
    #[error("the server responded with a redirect (HTTP status {0}); use the final URL, redirects are not followed")]
    Redirect(u16),
    /// The push service no longer has the subscription (RFC 8030 section 7.3).
    #[error("the push service no longer has the subscription (HTTP status {0})")]
    SubscriptionGone(u16),
    /// The subscription belongs to another VAPID key (RFC 8292 section 4.2).
    #[error("the subscription belongs to another VAPID key (HTTP status {0}); have the browser subscribe again")]
    SubscriptionKey(u16),
    /// The subscription belongs to another VAPID key, or the host was started with a wrong key: the push service has
    /// accepted no message under this key yet. The subscription is kept.
    #[error(
        "the push service says that the subscription belongs to another VAPID key (HTTP status {0}), and has accepted no message under this key yet; check that pages subscribe with this key"
    )]
    VapidKeyUnproven(u16),
    /// The push service rejected the VAPID signature (RFC 8292 section 4.2). The subscription is not at fault.
    #[error(
        "the push service rejected the VAPID signature (HTTP status {0}); check the clock, the subject and the key"
    )]
    VapidRefused(u16),
    /// The push service responded with a success status, and reported a dropped message in a header.
    #[error("the push service dropped the message (HTTP status {0})")]
    PushDropped(u16),
    /// The gateway responded with a success status, and reported an error in the body.
    #[error("the gateway responded with an error in the body (HTTP status {0})")]
    GatewayRefused(u16),
    /// A refusal, with the reason given by the service.
    #[error("{error}; the service says: {reason}")]
    Explained {
        /// The refusal.
        error: Box<DeliveryError>,
        /// The reason.
        reason: ServiceReason,
    },
    /// Twilio rejected the message.
    #[error("Twilio rejected the message with error code {code} (HTTP status {status}); see Twilio's error dictionary")]
    Twilio {
        /// Twilio's error code.
        code: u32,
        /// The HTTP status.
        status: u16,
    },
    /// The mail server refused the e-mail or the sender with this reply code (RFC 5321 section 4.2).
    #[error("the mail server refused with SMTP reply code {0}")]
    Smtp(u16),
    /// The job needs a part that [`Delivery`](crate::Delivery) was not given.
    #[error("`Delivery` has no part for {0}; add one, or stop offering {0}")]
    NotConfigured(Part),
    /// A push message cannot carry a code.
    #[error("web push carries links only, not codes")]
    CodeByPush,
    /// The policy sends notices to the host, whose courier passed this notice on. See [`Delivery`](crate::Delivery).
    #[error(
        "this notice is for the host; handle `Errand::Notice` in a courier of your own, or unset `Policy::notify_host`"
    )]
    HostNotice,
    /// This release does not know the kind of job or message.
    #[error("unknown kind of job or message; update challenges-delivery")]
    UnknownKind,
    /// The message is too long.
    #[error("the message takes more than {max} {of}; shorten the template or the challenge's response URI")]
    TooLong {
        /// The maximum length.
        max: usize,
        /// The unit of the length.
        of: Unit,
    },
    /// The keys of a push subscription are invalid.
    #[error("the subscription's `p256dh` key is not a point on P-256; have the browser subscribe again")]
    SubscriptionKeys,
    /// AWS-LC failed.
    #[error("a cryptographic operation failed, for want of random bytes or memory")]
    Crypto,
    /// The method of an action is malformed, CONNECT or TRACE.
    #[error("the action's method is malformed, CONNECT or TRACE; use another method")]
    Method,
    /// A header contains characters that HTTP does not allow.
    #[error("a content type, token or header contains characters that HTTP headers do not allow")]
    Header,
    /// An action has scopes, but there is no [`TokenIssuer`](crate::TokenIssuer).
    #[error("the action has scopes, but there is no token issuer; set one with `HttpActions::token_issuer`")]
    NoTokenIssuer,
    /// A VAPID key is malformed.
    #[error("a VAPID key is 32 bytes in base64url (43 characters), as written by `VapidKey::to_text`")]
    VapidKey,
    /// A VAPID subject is malformed, or names a host outside of the public Internet.
    #[error(
        "a VAPID subject is `mailto:` and an address, or an `https://` URL, of at most 255 ASCII characters, and not at localhost"
    )]
    VapidSubject,
    /// A template has an unknown placeholder or a stray brace.
    #[error("byte {at} of the template: only {allowed} are placeholders here; write {{{{ and }}}} for literal braces")]
    Template {
        /// The byte offset of the brace, from 0.
        at: usize,
        /// The placeholders that this template allows.
        allowed: &'static str,
    },
    /// A template lacks a required placeholder.
    #[error("the template lacks the placeholder {0}")]
    TemplateLacks(&'static str),
    /// A template is empty, too long, or contains control characters.
    #[error(
        "a template has 1 to {max} characters and no control characters except line feeds, and a subject no line feeds"
    )]
    TemplateText {
        /// The maximum number of characters.
        max: usize,
    },
    /// The document template of a [`JsonGateway`](crate::JsonGateway) is not JSON.
    #[error("the gateway's document template is not valid JSON")]
    TemplateJson(#[source] serde_json::Error),
    /// A Twilio identifier is malformed.
    #[error("a Twilio SID has 2 to 64 letters and digits, and a sender must not be empty")]
    TwilioId,
    /// The host of a mail server, or the name for EHLO, is malformed.
    #[error("a mail server and a name for EHLO are a DNS name or an IP address, without a port")]
    SmtpHost,
    /// The sender of e-mails is malformed.
    #[error("the sender of e-mails is ADDRESS or NAME <ADDRESS>")]
    Sender,
    /// A host on an allow list is malformed.
    #[error("an allowed host is a bare domain or IP address: no scheme, port, path or trailing dot")]
    AllowedHost,
    /// A root certificate is malformed.
    #[error("the root certificate is not valid DER")]
    RootCertificate(#[source] Box<dyn Error + Send + Sync>),
    /// There are no root certificates, so no server would be trusted.
    #[error("no root certificates; install the ca-certificates package, or add one with `root_certificate`")]
    NoRootCertificates,
    /// The TLS configuration is invalid.
    #[error("cannot configure TLS; see the source of this error")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
}

/// An optional part of a [`Delivery`](crate::Delivery).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Web push.
    WebPush,
    /// Text messages.
    Sms,
    /// E-mails.
    Email,
    /// HTTP actions.
    Actions,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::WebPush => "web push",
            Self::Sms => "text messages",
            Self::Email => "e-mails",
            Self::Actions => "HTTP actions",
        })
    }
}

/// The unit of a message's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes of a push message's payload.
    Bytes,
    /// Segments of a text message.
    Segments,
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes of a push message",
            Self::Segments => "segments of a text message",
        })
    }
}

/// The reason why a [`Guard`](crate::Guard) blocked a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Blocked {
    /// The URL is malformed, relative, too long, or contains disallowed characters.
    #[error("not an absolute URL of at most 4096 printable ASCII characters without backslashes")]
    Malformed,
    /// The URL's scheme is not allowed.
    #[error("the URL's scheme is not https; `Guard::danger_allow_http` allows http")]
    Scheme,
    /// The URL contains a user name or a password.
    #[error("the URL contains a user name or a password")]
    UserInfo,
    /// The host is not on the guard's list, or ends with a dot.
    #[error("the host is not on the guard's list, or ends with a dot")]
    Host,
    /// The port is not allowed.
    #[error("port {0} is not allowed; `Guard::allow_port` allows a port")]
    Port(u16),
    /// The host is, or resolves to, an address that is neither public nor allowed.
    #[error("the host has the address {0}, which is neither public nor in a network that the guard allows")]
    Address(IpAddr),
}

impl DeliveryError {
    /// Returns whether to retry the job.
    ///
    /// | decision | errors |
    /// |---|---|
    /// | [`Retry::Later`] | [`Resolve`](Self::Resolve), [`Connect`](Self::Connect), [`Timeout`](Self::Timeout), [`Exchange`](Self::Exchange), [`Crypto`](Self::Crypto), [`Smtp`](Self::Smtp) with a code of 400 to 499 |
    /// | [`Retry::AddressGone`] | [`SubscriptionGone`](Self::SubscriptionGone), [`SubscriptionKey`](Self::SubscriptionKey), [`Twilio`](Self::Twilio) with code 21211, 21610 or 21614 |
    /// | as the refusal inside | [`Explained`](Self::Explained) |
    /// | [`Retry::Never`] | every other error |
    ///
    /// A [`Status`](Self::Status), or a refusal that asks for a pause, is retried if the [`Failure`] of the attempt
    /// says so; see [`Delivery`](crate::Delivery).
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Resolve(_)
            | Self::Connect(_)
            | Self::Timeout
            | Self::Exchange(_)
            | Self::Crypto
            | Self::Smtp(400..=499) => Retry::Later(None),
            Self::SubscriptionGone(_) | Self::SubscriptionKey(_) | Self::Twilio { code: 21211 | 21610 | 21614, .. } => {
                Retry::AddressGone
            }
            Self::Explained { error, .. } => error.retry(),
            _ => Retry::Never,
        }
    }
}

impl From<DeliveryError> for Failure {
    fn from(error: DeliveryError) -> Self {
        Self::new(error.retry(), error)
    }
}
