use super::{Challenge, Outcome, Proof, Transition};
use crate::challenge_type::ChallengeType;
use crate::evidence::{Evidence, Proven};
use crate::owner::Owner;
use crate::secret::AnswerData;
use crate::time::Timestamp;

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

/// Proof that a challenge was passed. Only an accepted answer creates this proof.
///
/// ```compile_fail,E0451
/// # use challenges_core::{Challenge, Passed, machine::Proof};
/// fn forge(challenge: Challenge, proof: Box<Proof>) -> Passed {
///     Passed { challenge, proof, answer_data: None, evidence: Vec::new() }
/// }
/// ```
#[derive(Debug)]
#[must_use = "check the owner and the purpose"]
pub struct Passed {
    challenge: Challenge,
    proof: Box<Proof>,
    answer_data: Option<AnswerData>,
    evidence: Vec<Evidence>,
}

/// The maximum number of pieces of evidence, so that a token with all of them fits into a cookie.
const MOST_EVIDENCE: usize = 4;

impl Passed {
    /// Returns the challenge.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Returns the challenged user. Compare with the user you are about to sign in, unless the answer named the user
    /// ([`Answer::by_owner`](crate::Answer::by_owner)).
    ///
    /// The owner of a one-time-use action is the user who asked, not the [approving actor](Self::actor): approval signs
    /// nobody in. If users have challenges for several things, compare the [purpose](Challenge::purpose) as well.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        self.challenge.owner()
    }

    /// Returns the type of the [evidence](Self::evidence) of the answer; `None` for a one-time-use action.
    ///
    /// This can be another type than the answer named, because one secret may answer as several types.
    #[must_use]
    pub fn kind(&self) -> Option<ChallengeType> {
        self.proof.method()?;
        self.evidence.first()?.factor()
    }

    /// Returns the evidence: first of this answer, then the evidence added by [`after`](Self::after) and
    /// [`with_password`](Self::with_password). Empty for a one-time-use action, because the actor need not be the
    /// challenged user.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Adds a [password](Evidence::password) of this user that the host verified at `verified_at`.
    pub fn with_password(self, verified_at: Timestamp) -> Self {
        self.with_evidence(&[Evidence::password(verified_at)])
    }

    /// Adds evidence of the same user, up to [`MOST_EVIDENCE`]. Older evidence of the same authenticator is left out.
    pub(crate) fn with_evidence(mut self, earlier: &[Evidence]) -> Self {
        for proven in earlier {
            let repeats = |newer: &Evidence| newer.method().is_same_authenticator(proven.method());
            if self.evidence.len() < MOST_EVIDENCE && !self.evidence.iter().any(repeats) {
                self.evidence.push(*proven);
            }
        }
        self
    }

    /// Returns the approving actor of a one-time-use action.
    #[must_use]
    pub const fn actor(&self) -> Option<&Owner> {
        self.proof.actor()
    }

    /// Returns the [evidence](Self::evidence) of the answer, if the answer was an assertion of a WebAuthn credential.
    #[must_use]
    pub fn credential(&self) -> Option<&Evidence> {
        self.proof.method()?;
        self.evidence.first().filter(|proven| proven.is_phishing_resistant())
    }

    /// Returns the number of usable recovery codes left after the answer; `None` unless a recovery code answered.
    #[must_use]
    pub fn recovery_codes_left(&self) -> Option<usize> {
        self.proof.codes_left()
    }

    /// Returns the answer data that the creator of the challenge supplied.
    #[must_use]
    pub const fn answer_data(&self) -> Option<&AnswerData> {
        self.answer_data.as_ref()
    }
}

/// Returns the decision of a stored transition, or `None` after a wrong answer. Besides here, a [`Passed`] is made
/// in [`collected`] only.
pub(super) fn from_transition(transition: Transition) -> Option<Decision> {
    let Transition { next, outcome, proof, answer_data, .. } = transition;
    match (outcome, proof) {
        (Outcome::Passed, Some(proof)) => {
            let proven = |method| Evidence::new(method, next.answered_at().unwrap_or_default());
            let evidence = proof.method().map(proven).into_iter().collect();
            Some(Decision::Passed(Passed { challenge: next, proof: Box::new(proof), answer_data, evidence }))
        }
        (Outcome::Declined, Some(_)) => Some(Decision::Declined(next)),
        (_, _) => None,
    }
}

/// Returns the proof of a challenge that the link of a message passed in another browser.
pub(crate) fn collected(challenge: Challenge, proven: Proven) -> Passed {
    let proof = Box::new(Proof::by_link(&challenge, proven.by));
    Passed { challenge, proof, answer_data: None, evidence: vec![proven.into()] }
}

#[cfg(test)]
mod tests;
