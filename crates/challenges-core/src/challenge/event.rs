use super::request::{Link, StoredSpec};
use super::{AnswerClass, Verdict};
use crate::challenge_type::ChallengeType;
use crate::id::EndpointId;
use crate::keyring::Mac;
use crate::timeout::Timeout;
use crate::webauthn::PublicChallenge;

/// An event of a challenge: the input of the state machine.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The creator replaces the spec.
    Replace(Replacement),
    /// The challenge is to be issued.
    Issue(Issue),
    /// The link is to be sent again, with a new secret.
    Resend(Resend),
    /// An answer was compared.
    Answer {
        /// The class, with its own limit of wrong answers.
        class: AnswerClass,
        /// The result of the comparison.
        verdict: Verdict,
        /// The MAC of the answer, to recognize a repetition.
        fingerprint: Mac,
    },
    /// A message with the link reached the user.
    Delivered,
    /// Every delivery failed for good, and the user can answer nothing else.
    DeliveryFailed,
    /// The expiry is checked.
    Expire,
}

/// The changes of a replacement. Made by this crate only, from a checked request.
#[derive(Debug)]
pub struct Replacement {
    pub(super) spec: StoredSpec,
    pub(super) timeout: Timeout,
}

/// The facts of an issue. Made by this crate only.
#[derive(Debug)]
pub struct Issue {
    /// `true` if the user can answer any of the types.
    pub(super) answerable: bool,
    pub(super) link: Option<Link>,
    pub(super) email_link: Option<Link>,
    pub(super) public_challenge: Option<PublicChallenge>,
    pub(super) deliveries: Vec<(ChallengeType, EndpointId)>,
}

/// The facts of sending a link again. Made by this crate only.
#[derive(Debug)]
pub struct Resend {
    pub(super) link: Option<Link>,
    pub(super) email_link: Option<Link>,
    pub(super) deliveries: Vec<(ChallengeType, EndpointId)>,
}
