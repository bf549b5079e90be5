use std::error::Error;
use std::io;
use std::net::IpAddr;

use challenges_core::{Failure, Retry};

/// Why something could not be set up, sent or done. None of it holds a link, a token, a number or a body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The guard does not let the request out.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The host's name could not be resolved.
    #[error("the name of the host cannot be resolved; check it, and the name servers of this machine")]
    Resolve(#[source] io::Error),
    /// No connection could be made.
    #[error("no connection to the host; see the source of this error")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// The time was over before an answer came. What was asked for may have been done.
    #[error(
        "no answer in time; if the host is slow, raise both the limit of the client and `Policy::dispatch.attempt`"
    )]
    Timeout,
    /// The connection broke before an answer came. What was asked for may have been done.
    #[error("the connection broke, or what came is no HTTP; see the source of this error")]
    Exchange(#[source] Box<dyn Error + Send + Sync>),
    /// The other side answered with a status that is no success.
    #[error("the other side answered with HTTP status {0}")]
    Status(u16),
    /// The other side answered with a redirect.
    #[error("the other side answered with a redirect (HTTP status {0}), which is not followed: name the final address")]
    Redirect(u16),
    /// The push service has no such subscription any more (RFC 8030 section 7.3).
    #[error("the push service does not know the subscription any more (HTTP status {0})")]
    SubscriptionGone(u16),
    /// The push service does not take the VAPID key (RFC 8292 section 4.2).
    #[error(
        "the push service refuses the VAPID key (HTTP status {0}): subscriptions belong to the key that they were made with"
    )]
    VapidRefused(u16),
    /// Twilio refuses the message.
    #[error(
        "Twilio refuses the message with its error code {code} (HTTP status {status}); its documentation lists them"
    )]
    Twilio {
        /// Twilio's own code.
        code: u32,
        /// The HTTP status.
        status: u16,
    },
    /// A job is of a kind that is not set up.
    #[error("{0} is not set up: give the delivery one, or do not offer it")]
    NotSetUp(Part),
    /// A push message cannot carry a code.
    #[error("a code is not sent by web push, which carries links alone")]
    CodeByPush,
    /// A message is of a kind that this release does not know.
    #[error("a message of a kind that this release does not know; update challenges-delivery")]
    UnknownKind,
    /// A text is too long to be sent.
    #[error("the text would take more than {max} {of}; shorten response_uri or the template")]
    TooLong {
        /// How much is allowed.
        max: usize,
        /// Of what.
        of: Unit,
    },
    /// The keys of a push subscription make no secret.
    #[error("the keys of the push subscription are no point of P-256 and secret; the browser has to subscribe anew")]
    SubscriptionKeys,
    /// AWS-LC failed.
    #[error("the cryptography failed: no random bytes, or no memory")]
    Crypto,
    /// The method of an action is not one that is run.
    #[error("an action cannot be of that method; CONNECT and TRACE are not run")]
    Method,
    /// A header value has characters that HTTP does not allow.
    #[error("a content type, token or header has characters that cannot stand in an HTTP header")]
    Header,
    /// An action has scopes, and nobody issues tokens.
    #[error("the action has scopes, but there is no token issuer: give the actions one")]
    NoTokenIssuer,
    /// A VAPID key is malformed.
    #[error("a VAPID key is 32 bytes in base64url (43 characters), as VapidKey::to_text writes them")]
    VapidKey,
    /// The subject of a VAPID key is malformed.
    #[error("a VAPID subject is mailto: with an address, or an https:// URL, at most 255 ASCII characters")]
    VapidSubject,
    /// A template is malformed.
    #[error("byte {at} of the template: only {allowed} may stand in braces there; write {{{{ and }}}} for braces")]
    Template {
        /// Where, counted from 0 in bytes.
        at: usize,
        /// What may stand in braces.
        allowed: &'static str,
    },
    /// A template does not say what it is there for.
    #[error("the template lacks {0}, without which it is of no use")]
    TemplateLacks(&'static str),
    /// A template is empty, too long, or holds control characters.
    #[error("a template has 1 to {max} characters, none of them a control character but the line feed")]
    TemplateText {
        /// The most characters.
        max: usize,
    },
    /// The template of a JSON gateway is no JSON.
    #[error("the template of the gateway is no JSON")]
    TemplateJson(#[source] serde_json::Error),
    /// A Twilio identifier is malformed.
    #[error("Twilio's SIDs are 2 to 64 letters and digits, and a sender is not empty")]
    TwilioId,
    /// A host of an allow-list is malformed.
    #[error("an allowed host is a domain or IP address alone, without scheme, port, path or trailing dot")]
    AllowedHost,
    /// A root certificate is malformed.
    #[error("a root certificate is not valid DER")]
    RootCertificate(#[source] Box<dyn Error + Send + Sync>),
    /// No root certificates are at hand, so no server could be trusted.
    #[error("this machine has no root certificates: install them (ca-certificates), or add your own")]
    NoRootCertificates,
    /// The cryptography and the protocol versions of TLS do not go together.
    #[error("TLS cannot be set up; see the source of this error")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
}

/// A part of a [`Delivery`](crate::Delivery) that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Web push.
    WebPush,
    /// Text messages.
    Sms,
    /// HTTP actions.
    Actions,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::WebPush => "web push",
            Self::Sms => "an SMS gateway",
            Self::Actions => "a client for HTTP actions",
        })
    }
}

/// What the length of a message is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes of a push message.
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

/// Why a [`Guard`](crate::Guard) does not let a request out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Blocked {
    /// It is no plain absolute URL.
    #[error("the address is no absolute URL of at most 4096 plain ASCII characters, without backslashes")]
    Malformed,
    /// Its scheme is not allowed.
    #[error("the address is not of https, which alone is allowed; `Guard::danger_allow_http` allows http as well")]
    Scheme,
    /// It names a user or a password.
    #[error("the address names a user or a password")]
    UserInfo,
    /// Its host is not on the list, or ends with a dot.
    #[error("the host is not one of those that the guard allows")]
    Host,
    /// Its port is not on the list.
    #[error("port {0} is not one of those that the guard allows; `Guard::allow_port` adds one")]
    Port(u16),
    /// The host is, or resolves to, an address that is not public.
    #[error("the host has the address {0}, which is not public and not of a network that the guard allows")]
    Address(IpAddr),
}

impl DeliveryError {
    /// What follows for the job: what may be better later is tried again, the rest is not.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Resolve(_) | Self::Connect(_) | Self::Timeout | Self::Exchange(_) | Self::Crypto => {
                Retry::Later(None)
            }
            Self::SubscriptionGone(_) => Retry::AddressGone,
            _ => Retry::Never,
        }
    }
}

impl From<DeliveryError> for Failure {
    fn from(error: DeliveryError) -> Self {
        Self::new(error.retry(), error)
    }
}
