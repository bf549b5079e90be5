//! What a right answer gives.

use crate::challenge::{Actor, Challenge, ChallengeType, Effect, Outcome, Transition};
use crate::id::EnrollmentId;
use crate::owner::Owner;
use crate::secret::AnswerData;

/// A right answer that was stored: the challenge is over.
///
/// It is not to be dropped unlooked at, since a declined challenge gives one as well:
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
#[must_use = "whether the user allowed or declined is in here"]
pub enum Answered {
    /// The user allowed.
    Passed(Passed),
    /// The user declined.
    Declined(Challenge),
}

impl Answered {
    /// The challenge, as it stands now.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        match self {
            Self::Passed(passed) => passed.challenge(),
            Self::Declined(challenge) => challenge,
        }
    }

    /// That the challenge was passed, or `None` when it was declined.
    pub fn passed(self) -> Option<Passed> {
        match self {
            Self::Passed(passed) => Some(passed),
            Self::Declined(_) => None,
        }
    }
}

/// That a challenge was passed. Only an accepted answer gives one.
///
/// ```compile_fail,E0451
/// # use challenges_core::{Challenge, ChallengeType, Passed};
/// fn forge(challenge: Challenge) -> Passed {
///     Passed { challenge, kind: ChallengeType::Code, actor: None, credential: None, answer_data: None }
/// }
/// ```
#[derive(Debug)]
#[must_use = "check whose it is and what it was for"]
pub struct Passed {
    challenge: Challenge,
    kind: ChallengeType,
    actor: Option<Actor>,
    credential: Option<UsedCredential>,
    answer_data: Option<AnswerData>,
}

/// The WebAuthn credential that answered a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsedCredential {
    /// Its enrollment.
    pub enrollment: EnrollmentId,
    /// Whether the authenticator verified its user, by PIN or biometrics. Only then did this answer alone show two factors.
    pub user_verified: bool,
    /// Whether the credential may be on several devices.
    pub backup_eligible: bool,
    /// Whether it is backed up.
    pub backed_up: bool,
}

impl Passed {
    /// The challenge that was passed.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Whose challenge it was. Compare it with the user whom you are about to let in, unless the answer named that user
    /// already ([`Answer::by_owner`](crate::Answer::by_owner)).
    ///
    /// Of a one-time-use action that is who asked, and not [who approved](Self::actor): it signs nobody in. Where users have
    /// challenges for more than one thing, look at the [purpose](Challenge::purpose) as well.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        self.challenge.owner()
    }

    /// The type that answered it.
    #[must_use]
    pub const fn kind(&self) -> ChallengeType {
        self.kind
    }

    /// Who approved, when it was a one-time-use action.
    #[must_use]
    pub const fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Which credential answered, when an assertion did.
    #[must_use]
    pub const fn credential(&self) -> Option<&UsedCredential> {
        self.credential.as_ref()
    }

    /// What the creator wanted to be handed out with the accepted answer.
    #[must_use]
    pub const fn answer_data(&self) -> Option<&AnswerData> {
        self.answer_data.as_ref()
    }
}

/// What a transition gives to whom answered, once it is stored: the one place where a [`Passed`] is made. A transition of
/// any other outcome comes back.
pub(crate) fn conclude(
    transition: Transition,
    kind: ChallengeType,
    credential: Option<UsedCredential>,
    answer_data: Option<AnswerData>,
) -> Result<Answered, Transition> {
    match transition.outcome {
        Outcome::Passed => {
            let actor = transition.effects.into_iter().find_map(|effect| match effect {
                Effect::Act { actor, .. } => Some(actor),
                Effect::Deliver { .. } => None,
            });
            Ok(Answered::Passed(Passed { challenge: transition.next, kind, actor, credential, answer_data }))
        }
        Outcome::Declined => Ok(Answered::Declined(transition.next)),
        _ => Err(transition),
    }
}

#[cfg(test)]
mod tests;
