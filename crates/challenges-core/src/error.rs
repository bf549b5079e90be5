//! Everything that can go wrong, and what to do about it.

use std::convert::Infallible;

use crate::entropy::EntropyError;
use crate::id::InvalidId;
use crate::keyring::SealError;
use crate::step_up::StepUpRefused;
use crate::store::{BatchError, StoreError};
use crate::webauthn::Rejected;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such record, or it is not this user's.
    #[error("not found: no such id, or it belongs to somebody else")]
    NotFound,
    /// The answer is not accepted. No reason is given, by design: whoever guesses learns nothing from it. The reason
    /// goes to the [`Observer`](crate::Observer).
    #[error("the answer is not accepted")]
    AnswerRefused,
    /// A step-up token does not open what it was shown for.
    #[error(transparent)]
    StepUp(#[from] StepUpRefused),
    /// The request cannot be carried out as it stands.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store failed. Nothing was handed out. After [`StoreError::OutcomeUnknown`] the change may yet have been made:
    /// read the record again before you repeat what is not to happen twice.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many others changed the same record at once. Nothing was written; try again.
    #[error("too many requests for one record at the same time; try again")]
    Contended,
    /// The clock is so far behind what it said before, or so near the end of time, that a new challenge would be over
    /// already. Nothing was written.
    #[error("the clock went back further than a challenge lives; set it right, or restart if it was wrong before")]
    Clock,
    /// A stored secret does not open with the keys at hand.
    #[error("a stored secret cannot be opened; the source of this error says why")]
    Seal(#[from] SealError),
    /// A stored record has a form that this version does not know.
    #[error("a stored record is not of a form that this version reads; was it written by a newer one?")]
    Body(#[source] serde_json::Error),
    /// No random bytes could be had.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The service built a batch that no store can apply. It is a defect of this library.
    #[error("internal error: malformed batch")]
    Batch(#[from] BatchError),
}

/// Text that is no id names nothing.
impl From<InvalidId> for Error {
    fn from(_: InvalidId) -> Self {
        Self::NotFound
    }
}

/// Of conversions that cannot fail, such as of [`Types`](crate::Types) to themselves.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What is wrong with a request, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A user or tenant name is malformed.
    #[error("user_id and org_id must be 1 to 255 bytes (org_id may be empty) without control characters")]
    Name,
    /// No challenge type is named.
    #[error("name at least one challenge type, in challenge_type or challenge_types")]
    NoTypes,
    /// A one-time-use action was asked for as an ordinary challenge.
    #[error("one_time_use_action challenges are created by create_one_time_use_action only")]
    OneTimeUseActionType,
    /// That challenge type does not exist.
    #[error("unknown challenge type; use sms, web_push, totp, webauthn or code")]
    UnknownType,
    /// The timeout is out of range.
    #[error("timeout_seconds must be 1 to {max}")]
    Timeout {
        /// The most that the policy allows, in seconds.
        max: u64,
    },
    /// The response URI is no absolute http(s) URI.
    #[error(
        "response_uri must be an absolute http:// or https:// URI, at most 2048 ASCII characters, without user name, spaces or backslashes"
    )]
    ResponseUri,
    /// A link would lead nowhere.
    #[error(
        "a challenge that is sent as sms or web_push needs a response_uri, the page on which it is answered; or give the service a page for all of them (Builder::answer_page)"
    )]
    NoAnswerPage,
    /// Too many messages were sent to the user of late, or the last one is too recent.
    #[error("too many messages to this user; wait {wait} s")]
    TooManyMessages {
        /// How long to wait, in seconds.
        wait: u64,
    },
    /// A number is asked for by what nobody answers with one.
    #[error("number_match needs sms or web_push among the challenge types")]
    NumberMatchTypes,
    /// A number is asked for once it is too late to tell it.
    #[error("number_match can only be asked for when a challenge is created")]
    NumberMatchLate,
    /// There is nothing to send again.
    #[error("only an open challenge that is sent as sms or web_push to somewhere can be sent again")]
    NotResendable,
    /// The message is worth nothing any more.
    #[error("the challenge of this message is over, so it is not sent any more; discard it")]
    MessageOver,
    /// The response URI's origin is not on the host's list.
    #[error("response_uri is not at an origin that this service allows; add its origin to the policy")]
    ResponseOrigin,
    /// The origin is malformed.
    #[error("origin must be exactly scheme://host or scheme://host:port in lower case, http or https, without a path")]
    Origin,
    /// The answer data is no JSON object.
    #[error("answer_data must be a JSON object")]
    AnswerData,
    /// The answer data is too large.
    #[error("answer_data is larger than {max} bytes")]
    AnswerDataTooLarge {
        /// The most that the policy allows, in bytes.
        max: usize,
    },
    /// The answer data is nested too deep for whoever reads it.
    #[error("answer_data is nested more than {max} deep")]
    AnswerDataTooDeep {
        /// How deep it may be.
        max: usize,
    },
    /// An endpoint reference says nothing.
    #[error("each of challenge_endpoints needs an endpoint id or a type")]
    EmptyEndpoint,
    /// An endpoint is not one of the user's, or is of another type than said.
    #[error("challenge_endpoints names an endpoint that is not one of this user's of that type")]
    UnknownEndpoint,
    /// WebAuthn challenges name their credentials.
    #[error("a webauthn challenge must name at least one webauthn enrollment in challenge_endpoints")]
    WebauthnEndpoint,
    /// Too many of something.
    #[error("at most {max} {what} are allowed")]
    TooMany {
        /// Of what.
        what: Capped,
        /// How many are allowed.
        max: usize,
    },
    /// Nobody could answer.
    #[error("a one-time-use action needs at least one actor")]
    NoActors,
    /// An actor is listed twice.
    #[error("an actor (user_id and org_id) is listed twice; list each once")]
    RepeatedActor,
    /// An action is malformed.
    #[error(
        "each action needs challenge_action_type http_action or HTTPChallengeAction, a method of 1 to 128 letters or digits, an http:// or https:// uri of at most 1024 characters, and at most 250000 characters of body, 256 of content_type and 511 of each scope"
    )]
    Action,
    /// One-time-use actions stand as they were created.
    #[error("a one-time-use action cannot be changed; delete it and create another")]
    NotReplaceable,
    /// The enrollment takes no answer: it is completed already, or it has expired.
    #[error("this enrollment is completed or expired; create a new one")]
    EnrollmentClosed,
    /// The answer does not prove that the authenticator holds the key.
    #[error("the answer is wrong; wait for the next code of the authenticator and send that")]
    EnrollmentAnswer,
    /// WebAuthn is not available.
    #[error("this service has no WebAuthn; offer another challenge type")]
    WebauthnUnavailable,
    /// A note of a WebAuthn enrollment is too long.
    #[error("attestation_format must be at most 255 bytes and http_endpoint at most 2048")]
    EnrollmentNote,
    /// The challenge asks for no assertion.
    #[error("this challenge expects no assertion: it is not issued, has ended, or offers no webauthn")]
    NoAssertionExpected,
    /// A relying party id is malformed, or not one that the host serves.
    #[error("relying_party_id must be a domain that this service is set up for, in lower case, such as example.org")]
    RelyingParty,
    /// A user verification requirement does not exist.
    #[error("user_verification must be required, preferred or discouraged")]
    UserVerification,
    /// An attestation conveyance preference does not exist.
    #[error("attestation_conveyance must be none, indirect or direct")]
    AttestationConveyance,
    /// The host registers attested credentials only.
    #[error("this service registers attested authenticators only; leave attestation_conveyance out or say direct")]
    AttestationRequired,
    /// A credential id has an impossible length.
    #[error("a credential id has 1 to 1023 bytes, in base64 or base64url")]
    CredentialId,
    /// A user handle is malformed.
    #[error("a user handle has 1 to 64 bytes, in base64 or base64url")]
    UserHandle,
    /// The answer to a WebAuthn enrollment cannot be read.
    #[error(
        "credential_id, client_data (the clientDataJSON) and authenticator_data (the attestationObject) are all needed, in base64 or base64url"
    )]
    RegistrationResponse,
    /// An assertion cannot be read.
    #[error(
        "an assertion is the JSON of a PublicKeyCredential, or credential_id, client_data, authenticator_data and signature in base64url; as it is or in base64url"
    )]
    AuthenticationResponse,
    /// The new credential does not pass the registration ceremony.
    #[error("the registration is refused: {0}")]
    Registration(#[from] Rejected),
    /// The credential is registered already, by this user or another one.
    #[error("this credential is registered already; use another authenticator")]
    CredentialTaken,
    /// The origin of a challenge is not one of the relying party's.
    #[error(
        "origin is not one of the origins that this service accepts for the relying party of each webauthn enrollment named"
    )]
    RelyingPartyOrigin,
    /// The credentials that a challenge names are for several relying parties.
    #[error("the challenge names webauthn enrollments of several relying parties; name those of one, or the origin")]
    SeveralRelyingParties,
    /// An AAGUID is malformed.
    #[error("an AAGUID is written like a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12")]
    Aaguid,
    /// A credential's name is malformed.
    #[error("a name must be 1 to 255 bytes without control characters")]
    CredentialName,
    /// A list limit is out of range.
    #[error("limit must be 1 to 500")]
    Limit,
    /// The cursor of a walk over sealed records is malformed.
    #[error("not the cursor of a walk that seals records anew; start the walk again without one")]
    ResealCursor,
    /// A phone number is malformed.
    #[error("a phone number must be '+' and 8 to 15 digits (E.164)")]
    PhoneNumber,
    /// The code does not confirm the phone number.
    #[error("the code is wrong or no longer good; have another one sent")]
    ConfirmationCode,
    /// The phone number does not wait for a code.
    #[error(
        "this phone number is confirmed, took too many wrong codes, or waited too long; to have another code sent, remove it and register it again"
    )]
    NoConfirmationExpected,
    /// A push subscription is malformed.
    #[error(
        "a push subscription needs an https:// endpoint of at most 2048 characters, a p256dh key of 65 bytes and an auth secret of 16 bytes, both in base64url"
    )]
    PushSubscription,
    /// A purpose is malformed.
    #[error("a purpose must be 1 to 128 visible ASCII characters, without spaces")]
    Purpose,
    /// A description is malformed.
    #[error(
        "a description must be one line of 1 to 500 characters, not all blank, without control, invisible or text direction characters"
    )]
    Description,
    /// A challenge without a purpose opens nothing.
    #[error("this challenge has no purpose, so passing it opens nothing; create it with a purpose")]
    NoPurpose,
    /// An issuer or account name cannot stand in an otpauth URI.
    #[error("an issuer and account name must not be empty and must not contain ':'")]
    AccountName,
}

/// What is capped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capped {
    /// Actors of a one-time-use action.
    Actors,
    /// Actions of one outcome.
    Actions,
    /// Endpoints of a challenge.
    ChallengeEndpoints,
    /// Enrollments of a kind of a user.
    Enrollments,
    /// Endpoints of a type of a user.
    Endpoints,
}

impl std::fmt::Display for Capped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Actors => "actors of a one-time-use action",
            Self::Actions => "actions of an outcome",
            Self::ChallengeEndpoints => "challenge_endpoints of a challenge",
            Self::Enrollments => "enrollments of a kind per user",
            Self::Endpoints => "endpoints of a type per user",
        })
    }
}
