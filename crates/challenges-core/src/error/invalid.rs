use super::Rejected;

/// An invalid request: the message says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A user or tenant name is malformed.
    #[error("an Owner needs a user of 1 to 255 bytes and a tenant of at most 255 bytes, without control characters")]
    Name,
    /// No challenge type is named.
    #[error("name at least one ChallengeType")]
    NoTypes,
    /// The text names no challenge type.
    #[error("unknown challenge type; use sms, web_push, totp, webauthn, code, recovery_code or email")]
    UnknownType,
    /// The timeout is out of range.
    #[error("the timeout must be 1 to {max} seconds")]
    Timeout {
        /// The longest timeout of the policy, in seconds.
        max: u64,
    },
    /// The response URI is not an absolute http(s) URI.
    #[error(
        "a ResponseUri is an absolute http:// or https:// URI of at most 2048 ASCII characters, without user name, spaces or backslashes"
    )]
    ResponseUri,
    /// A message needs a page to link to.
    #[error(
        "challenges sent by Sms, WebPush or Email need a page to link to: set response_uri, or Builder::answer_page"
    )]
    NoAnswerPage,
    /// The user has reached a limit of messages, or the last message is too recent.
    #[error("too many messages to this user; wait {wait} s")]
    TooManyMessages {
        /// Seconds to wait.
        wait: u64,
    },
    /// Number matching needs a type that sends messages.
    #[error("number_match needs Sms, WebPush or Email among the types")]
    NumberMatchTypes,
    /// Number matching can be requested at creation only.
    #[error("number_match can be set when a challenge is created, not later")]
    NumberMatchLate,
    /// The challenge cannot be sent again.
    #[error("only an issued challenge with Sms, WebPush or Email and an endpoint can be sent again")]
    NotResendable,
    /// The key of the code or number of the challenge is retired, so no new link could be answered.
    #[error("the key of this challenge's code or number is retired; delete the challenge and create another")]
    ResendKeyRetired,
    /// The challenge of the message has ended.
    #[error("the challenge of this message has ended; discard the dead letter")]
    MessageOver,
    /// The origin of the response URI is not on the list of the policy.
    #[error("the origin of response_uri is not allowed; add the origin to Policy::response_origins")]
    ResponseOrigin,
    /// The origin is malformed.
    #[error("an Origin is scheme://host or scheme://host:port in lower case, http or https, without a path")]
    Origin,
    /// The answer data is no JSON object.
    #[error("answer data must serialize to a JSON object")]
    AnswerData,
    /// The answer data is too large.
    #[error("answer data must be at most {max} bytes")]
    AnswerDataTooLarge {
        /// The limit of the policy, in bytes.
        max: usize,
    },
    /// The answer data is nested too deeply.
    #[error("answer data must be nested at most {max} levels deep")]
    AnswerDataTooDeep {
        /// The limit, in levels.
        max: usize,
    },
    /// An endpoint reference names neither an id nor a type.
    #[error("an EndpointRef needs an id or a type")]
    EmptyEndpoint,
    /// The endpoint does not belong to the user, or has another type than stated.
    #[error("the EndpointRef names no endpoint or enrollment of this user and type")]
    UnknownEndpoint,
    /// A WebAuthn challenge must name a credential.
    #[error("a Webauthn challenge must name at least one WebAuthn enrollment in endpoints")]
    WebauthnEndpoint,
    /// A cap of the [`Policy`](crate::Policy) was reached.
    #[error("Policy::{field} allows at most {max}; use fewer, or raise the cap")]
    TooMany {
        /// The name of the field, such as `open_challenges` or `dispatch.actions_per_user`.
        field: &'static str,
        /// The cap.
        max: usize,
    },
    /// A one-time-use action without actors could never be decided.
    #[error("a one-time-use action needs at least one actor")]
    NoActors,
    /// An actor is listed twice.
    #[error("an actor is listed twice; list each once")]
    RepeatedActor,
    /// An HTTP action is malformed.
    #[error(
        "an HttpAction needs a method of 1 to 128 letters or digits, an http:// or https:// URI of at most 1024 characters, and at most 250000 characters of body, 256 of content type and 511 of each scope"
    )]
    Action,
    /// A one-time-use action cannot be replaced.
    #[error("a one-time-use action cannot be replaced; delete the challenge and create another")]
    NotReplaceable,
    /// A holder of the id cannot replace a challenge with a purpose.
    #[error("a challenge with a purpose is replaced by its creator only; call Challenges::replace after authorization")]
    CreatorOnly,
    /// The enrollment is completed or expired.
    #[error("the enrollment is completed or expired; create a new one")]
    EnrollmentClosed,
    /// The code does not complete the enrollment.
    #[error("the code is wrong; wait for the next code of the authenticator and try that")]
    EnrollmentAnswer,
    /// The service was built without WebAuthn.
    #[error("WebAuthn is not configured; call Builder::webauthn, or offer another challenge type")]
    WebauthnUnavailable,
    /// The attestation format or HTTP endpoint stored with a WebAuthn enrollment is too long.
    #[error("attestation_format must be at most 255 bytes and http_endpoint at most 2048 bytes")]
    EnrollmentNote,
    /// The challenge expects no assertion.
    #[error("the challenge expects no assertion: it is not issued, has ended, or does not offer Webauthn")]
    NoAssertionExpected,
    /// The relying party id is malformed, or not served by the host.
    #[error("the relying party id must be a configured domain in lower case, such as example.org")]
    RelyingParty,
    /// The text names no user verification requirement.
    #[error("user verification is required, preferred or discouraged")]
    UserVerification,
    /// The text names no attestation conveyance preference.
    #[error("attestation conveyance is none, indirect or direct")]
    AttestationConveyance,
    /// The host registers attested credentials only.
    #[error("this service registers attested authenticators only; leave attestation_conveyance out or set Direct")]
    AttestationRequired,
    /// The credential id has an invalid length.
    #[error("a credential id has 1 to 1023 bytes, in base64 or base64url")]
    CredentialId,
    /// The user handle is malformed.
    #[error("a user handle has 1 to 64 bytes, in base64 or base64url")]
    UserHandle,
    /// The registration response cannot be parsed.
    #[error(
        "a registration needs a credential id, the clientDataJSON and the attestationObject, in base64 or base64url"
    )]
    RegistrationResponse,
    /// The assertion cannot be parsed.
    #[error(
        "an assertion is the JSON of a PublicKeyCredential, or credential_id, client_data, authenticator_data and signature in base64url; plain or in base64url"
    )]
    AuthenticationResponse,
    /// The new credential failed a step of the registration ceremony.
    #[error("the registration is refused: {0}")]
    Registration(#[from] Rejected),
    /// The credential is registered already, by this or another user.
    #[error("the credential is registered already; use another authenticator")]
    CredentialTaken,
    /// The origin does not belong to the relying party.
    #[error("origin must be one that is configured for the relying party of each WebAuthn enrollment named")]
    RelyingPartyOrigin,
    /// The named credentials belong to several relying parties.
    #[error("the challenge names WebAuthn enrollments of several relying parties; name those of one, or the origin")]
    SeveralRelyingParties,
    /// The AAGUID is malformed.
    #[error("an AAGUID is a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12")]
    Aaguid,
    /// The name of a credential is malformed.
    #[error("a name must be 1 to 255 bytes without control characters")]
    CredentialName,
    /// The limit of a list is out of range.
    #[error("limit must be 1 to 500")]
    Limit,
    /// The cursor of a reseal walk is malformed.
    #[error("not a cursor of Challenges::reseal; start the walk without a cursor")]
    ResealCursor,
    /// The phone number is malformed.
    #[error("a phone number must be '+' and 7 to 15 digits (E.164)")]
    PhoneNumber,
    /// The e-mail address is malformed.
    #[error(
        "an e-mail address is NAME@DOMAIN of at most 254 characters, with an ASCII name of at most 64 characters and without quotes, spaces or an IP address"
    )]
    EmailAddress,
    /// The code does not confirm the phone number or e-mail address.
    #[error("the code is wrong or expired; request another one")]
    ConfirmationCode,
    /// The phone number or e-mail address expects no code.
    #[error(
        "the address is confirmed, took too many wrong codes, or waited too long; delete and register the address again to get another code"
    )]
    NoConfirmationExpected,
    /// The push subscription is malformed.
    #[error(
        "a push subscription needs an https:// endpoint of at most 2048 characters, a p256dh key of 65 bytes and an auth secret of 16 bytes, both in base64 or base64url"
    )]
    PushSubscription,
    /// Messages may not be sent to the push service of the subscription.
    #[error(
        "messages may not be sent to the push service of the subscription; its URL needs https, port 443 and a public host name, unless Builder::push_services decides otherwise"
    )]
    PushService,
    /// The purpose is malformed.
    #[error("a Purpose must be 1 to 128 visible ASCII characters, without spaces")]
    Purpose,
    /// The description is malformed.
    #[error(
        "a Description must be one line of 1 to 500 characters, not blank, without control, invisible or text direction characters"
    )]
    Description,
    /// A challenge without a purpose gives no step-up token.
    #[error("the challenge has no purpose; create the challenge with ChallengeSpec::with_purpose")]
    NoPurpose,
    /// No device is trusted for this challenge.
    #[error(
        "a device is trusted only for a challenge with a purpose of Policy::trusted_purposes, answered by a factor, and not by recovery_code or email"
    )]
    NotTrusted,
    /// The transaction of the host has already written for the user.
    #[error("this transaction has already written for the user; answer before other calls, or in another transaction")]
    AnswerAfterWrite,
    /// The pending result belongs to another transaction.
    #[error("the pending result belongs to another transaction; confirm with the Committed of its own Joined")]
    OtherTransaction,
    /// A key id is malformed.
    #[error("the id of a key needs 1 to 32 characters of a-z, A-Z, 0-9, '-' and '_'")]
    KeyId,
    /// Two keys of a ring have the same id.
    #[error("two keys of the ring have the same id; give each key a different id")]
    RepeatedKeyId,
    /// Two keys of a ring have the same bytes.
    #[error("two keys of the ring have the same bytes under different ids; generate new random bytes for each key")]
    RepeatedKey,
    /// A key in the text of a key ring is malformed. Keys count from 1; comments and empty lines do not count.
    #[error(
        "key {0} of the key ring is not 'ID:KEY', '*ID:KEY' or '~ID:KEY', with a KEY of 32 bytes in base64url, base64 or hexadecimal"
    )]
    KeyText(usize),
    /// The text of a key ring marks no key or several keys as active.
    #[error("exactly one key of the ring must be active: mark this key with a leading '*'")]
    ActiveKey,
    /// A limit of the [`Policy`](crate::Policy) is out of range.
    #[error("the policy is refused: {field} must be {bounds}")]
    Policy {
        /// The name of the field, such as `sends.window`.
        field: &'static str,
        /// The bounds, in words.
        bounds: &'static str,
    },
    /// The id is malformed. As an [`Error`](crate::Error) this is [`Error::NotFound`](crate::Error::NotFound).
    #[error("not an id: expected 40 characters of 0-9, A-Z, a-z, as issued by this library")]
    Id,
    /// A row of another system cannot be imported; see [`import`](crate::import).
    #[error("the row cannot be imported: {field} must be {need}")]
    Import {
        /// The name of the member, such as `digits`.
        field: &'static str,
        /// The accepted values, in words.
        need: &'static str,
    },
    /// The name or reason of an administrator is malformed.
    #[error("Grant::administrator needs a name and a reason, each of 1 to 255 bytes without control characters")]
    Administrator,
    /// Only an administrator may make the change.
    #[error("this change needs Grant::administrator")]
    AdministratorOnly,
    /// The last completed factor stays.
    #[error(
        "this is the last completed factor of the user; enroll another one first, set Policy::remove_last_factor, or use Grant::administrator"
    )]
    LastFactor,
    /// The issuer or account name cannot be part of an otpauth URI.
    #[error("an issuer and account name must not be empty, and must fit a QR code together")]
    AccountName,
}
