use super::{Challenge, Outcome, Proof, Transition};
use crate::approvals::Actor;
use crate::challenge_type::ChallengeType;
use crate::owner::Owner;
use crate::secret::AnswerData;
use crate::webauthn::UsedCredential;

/// The decision of an accepted answer. The challenge has ended.
///
/// Declining is accepted as well, so a decision must not be dropped unread:
///
/// ```
/// #![deny(unused_must_use)]
/// # use challenges_core::{Answer, Challenges, Error};
/// async fn let_in(challenges: &Challenges, answer: Answer) -> Result<bool, Error> {
///     Ok(challenges.answer(answer).await?.passed().is_some())
/// }
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use challenges_core::{Answer, Challenges, Error};
/// async fn let_in(challenges: &Challenges, answer: Answer) -> Result<bool, Error> {
///     challenges.answer(answer).await?;
///     Ok(true)
/// }
/// ```
#[derive(Debug)]
#[must_use = "the user may have declined"]
#[expect(clippy::exhaustive_enums, reason = "a user allows or declines")]
pub enum Decision {
    /// The user allowed.
    Passed(Passed),
    /// The user declined.
    Declined(Challenge),
}

impl Decision {
    /// Returns the challenge after the decision.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        match self {
            Self::Passed(passed) => passed.challenge(),
            Self::Declined(challenge) => challenge,
        }
    }

    /// Returns the proof of the passed challenge, or `None` when the user declined.
    pub fn passed(self) -> Option<Passed> {
        match self {
            Self::Passed(passed) => Some(passed),
            Self::Declined(_) => None,
        }
    }
}

/// Proof that a challenge was passed. Only an accepted answer makes this proof.
///
/// ```compile_fail,E0451
/// # use challenges_core::{Challenge, Passed, machine::Proof};
/// fn forge(challenge: Challenge, proof: Proof) -> Passed {
///     Passed { challenge, proof, answer_data: None }
/// }
/// ```
#[derive(Debug)]
#[must_use = "check the owner and the purpose"]
pub struct Passed {
    challenge: Challenge,
    proof: Proof,
    answer_data: Option<AnswerData>,
}

impl Passed {
    /// Returns the challenge.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Returns the challenged user. Compare with the user you are about to sign in, unless the answer named the user
    /// ([`Answer::by_owner`](crate::Answer::by_owner)).
    ///
    /// The owner of a one-time-use action is the asking user, not the [approving actor](Self::actor): approval signs
    /// nobody in. If users have challenges for several things, compare the [purpose](Challenge::purpose) as well.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        self.challenge.owner()
    }

    /// Returns the type of the answer; `None` for a one-time-use action.
    #[must_use]
    pub const fn kind(&self) -> Option<ChallengeType> {
        self.proof.kind()
    }

    /// Returns the approving actor of a one-time-use action.
    #[must_use]
    pub const fn actor(&self) -> Option<&Actor> {
        self.proof.actor()
    }

    /// Returns the WebAuthn credential of the answer.
    #[must_use]
    pub const fn credential(&self) -> Option<&UsedCredential> {
        self.proof.credential()
    }

    /// Returns the number of usable recovery codes left after the answer; `None` unless a recovery code answered.
    #[must_use]
    pub fn recovery_codes_left(&self) -> Option<usize> {
        self.proof.codes_left()
    }

    /// Returns the data from the creator for the accepted answer.
    #[must_use]
    pub const fn answer_data(&self) -> Option<&AnswerData> {
        self.answer_data.as_ref()
    }
}

/// Returns the decision of a stored transition, or `None` after a wrong answer. A [`Passed`] is made nowhere else.
pub(super) fn from_transition(transition: Transition, answer_data: Option<AnswerData>) -> Option<Decision> {
    let Transition { next, outcome, proof, .. } = transition;
    match (outcome, proof) {
        (Outcome::Passed, Some(proof)) => Some(Decision::Passed(Passed { challenge: next, proof, answer_data })),
        (Outcome::Declined, Some(_)) => Some(Decision::Declined(next)),
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests;
