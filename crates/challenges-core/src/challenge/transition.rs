use super::{Challenge, Outcome, Proof};
use crate::approvals::Actor;
use crate::challenge_type::ChallengeType;
use crate::id::EndpointId;
use crate::store::Write;

/// The result of an event: the next challenge, and the effects to commit in the same batch.
#[derive(Debug)]
#[must_use = "a transition that is not stored did not happen"]
#[non_exhaustive]
pub struct Transition {
    /// The challenge after the event.
    pub next: Challenge,
    /// The outcome.
    pub outcome: Outcome,
    /// The effects, committed together with `next`.
    pub effects: Vec<Effect>,
    /// The proof that passed or declined the challenge.
    pub(super) proof: Option<Proof>,
}

/// An effect of a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Store the use of the authenticator: a used TOTP code, or the last counter of a credential. Or assert that a
    /// credential did not change.
    Consume(Write),
    /// Send the link to an endpoint.
    #[non_exhaustive]
    Deliver {
        /// The channel.
        channel: ChallengeType,
        /// The endpoint.
        endpoint: EndpointId,
    },
    /// Run the HTTP actions of an outcome.
    #[non_exhaustive]
    Act {
        /// The deciding actor.
        actor: Actor,
        /// `true` if the actor approved, `false` if the actor declined.
        approved: bool,
    },
}

impl Transition {
    pub(super) const fn new(next: Challenge, outcome: Outcome) -> Self {
        Self { next, outcome, effects: Vec::new(), proof: None }
    }
}
