use super::action::Actor;
use super::record::{Challenge, Draft};
use super::{ChallengeType, State};
use crate::factor::Proof;
use crate::id::EndpointId;
use crate::keyring::Mac;
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::webauthn::PublicChallenge;

/// Something that happens to a challenge.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Its creator wants other things of it.
    Replace(Replacement),
    /// It is to reach its user.
    Issue(Issue),
    /// Its link is to be sent once more, with another secret.
    Resend(Resend),
    /// An answer was compared.
    Answer(Compared),
    /// A message with its link reached the user.
    Delivered,
    /// Every delivery failed for good, and nothing else that it offers can be answered.
    DeliveryFailed,
    /// Somebody looks whether its time is over.
    Expire,
}

/// What a replacement changes; only this crate makes one, from a checked request.
#[derive(Debug)]
pub struct Replacement(pub(crate) Draft);

/// What issuing found and made; only this crate makes one.
#[derive(Debug)]
pub struct Issue {
    pub(crate) answerable: bool,
    pub(crate) link: Option<Mac>,
    pub(crate) public_challenge: Option<PublicChallenge>,
    pub(crate) deliveries: Vec<(ChallengeType, EndpointId)>,
}

/// What sending once more made; only this crate makes one.
#[derive(Debug)]
pub struct Resend {
    pub(crate) link: Mac,
    pub(crate) deliveries: Vec<(ChallengeType, EndpointId)>,
}

/// What comparing an answer showed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Compared {
    /// It is right.
    Right(Proof),
    /// It is wrong.
    Wrong {
        /// Whether the right one can be found by trying.
        guessable: bool,
        /// The keyed hash of the answer, by which its repetition is known.
        fingerprint: Mac,
    },
}

/// What follows from an event: the next challenge and what to do about it once that is stored.
#[derive(Debug)]
#[must_use = "a transition that is not stored did not happen"]
pub struct Transition {
    /// The challenge after the event.
    pub next: Challenge,
    /// What happened.
    pub outcome: Outcome,
    /// What must be sent or done; it is stored together with `next`.
    pub effects: Vec<Effect>,
}

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing: there is nothing to store.
    Unchanged,
    /// Its particulars were replaced.
    Replaced,
    /// It waits for its answer.
    Issued,
    /// Its link is sent once more, with another secret.
    Resent,
    /// The first message with its link reached the user.
    Delivered,
    /// It cannot reach its user, or could not.
    Failed,
    /// It was passed.
    Passed,
    /// It was declined.
    Declined,
    /// A wrong answer was counted.
    Wrong,
    /// Its time is over.
    TimedOut,
}

/// Something that must be sent or done because of a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Send the link to an endpoint.
    Deliver {
        /// How.
        channel: ChallengeType,
        /// Where to.
        endpoint: EndpointId,
    },
    /// Run the actions of an outcome.
    Act {
        /// On whose behalf.
        actor: Actor,
        /// Those for approval, or those for decline.
        approved: bool,
    },
}

/// Why an event is illegal where the challenge stands, or an answer cannot be compared. There is nothing to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It has not been issued.
    #[error("the challenge is not issued yet")]
    Pending,
    /// It has been issued already.
    #[error("the challenge is issued already")]
    AlreadyIssued,
    /// It has ended.
    #[error("the challenge has ended")]
    Final,
    /// Its time is over.
    #[error("the challenge has timed out")]
    TimedOut,
    /// It took as many wrong answers as it takes.
    #[error("the challenge takes no more answers")]
    Exhausted,
    /// It does not offer the type of the answer.
    #[error("the challenge does not offer that type")]
    TypeNotOffered,
    /// The answer names somebody who is not asked.
    #[error("the answer names somebody else")]
    OtherUser,
    /// There is nothing that the answer could be compared with, or it has the wrong shape.
    #[error("there is nothing to compare the answer with")]
    NothingToCompare,
    /// It repeats the last wrong answer.
    #[error("the answer repeats the last wrong one")]
    Repeated,
    /// The user must wait after too many wrong answers.
    #[error("the user has to wait after wrong answers")]
    Delayed,
    /// The factor is disabled for the user until an administrator resets it.
    #[error("the factor is disabled for the user")]
    FactorDisabled,
    /// The proof is of another challenge.
    #[error("the proof is of another challenge")]
    ForeignProof,
    /// The credential is registered already.
    #[error("the credential is registered already")]
    CredentialTaken,
    /// One-time-use actions stand as they were created.
    #[error("a one-time-use action cannot be replaced")]
    NotReplaceable,
}

impl Challenge {
    /// Applies an event at a time. It reads no clock, draws no random bytes and does nothing: what follows is in the
    /// [`Transition`].
    ///
    /// # Errors
    ///
    /// [`Refused`] when the event is illegal where the challenge stands. A wrong answer is no error: it moves the
    /// challenge.
    pub fn step(&self, event: Event, policy: &Policy, now: Timestamp) -> Result<Transition, Refused> {
        self.clone().into_step(event, policy, now)
    }

    /// The same, for who needs the challenge no more.
    pub(crate) fn into_step(self, event: Event, policy: &Policy, now: Timestamp) -> Result<Transition, Refused> {
        match event {
            Event::Replace(Replacement(draft)) => self.replace(draft, now),
            Event::Issue(issue) => self.issue(issue, now),
            Event::Resend(resend) => {
                self.accepts_answers(policy, now)?;
                Ok(self.resend(resend, now))
            }
            Event::Answer(compared) => {
                self.accepts_answers(policy, now)?;
                match compared {
                    Compared::Right(proof) => self.conclude(proof, now),
                    Compared::Wrong { guessable, fingerprint } => Ok(self.count_wrong(guessable, fingerprint)),
                }
            }
            Event::Delivered => {
                self.accepts_answers(policy, now)?;
                Ok(self.delivered())
            }
            Event::DeliveryFailed => {
                self.accepts_answers(policy, now)?;
                if self.0.reached {
                    return Ok(self.unchanged());
                }
                Ok(self.moved(State::ChallengeFailed, Outcome::Failed, now))
            }
            Event::Expire if !self.0.state.is_final() && self.state_at(now) == State::TimedOut => {
                Ok(self.moved(State::TimedOut, Outcome::TimedOut, now))
            }
            Event::Expire => Ok(self.unchanged()),
        }
    }

    /// Whether it takes an answer at that time.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the reason, when it does not.
    pub fn accepts_answers(&self, policy: &Policy, now: Timestamp) -> Result<(), Refused> {
        match self.state_at(now) {
            State::Issued => {}
            State::Pending => return Err(Refused::Pending),
            State::TimedOut => return Err(Refused::TimedOut),
            State::ChallengeFailed | State::ChallengePassed | State::ChallengeDeclined => return Err(Refused::Final),
        }
        let guessed = self.0.wrong_guesses >= policy.guesses_per_challenge;
        if guessed || self.0.wrong_secrets >= policy.secrets_per_challenge { Err(Refused::Exhausted) } else { Ok(()) }
    }

    fn replace(self, draft: Draft, now: Timestamp) -> Result<Transition, Refused> {
        if self.0.types.offer(ChallengeType::OneTimeUseAction) {
            return Err(Refused::NotReplaceable);
        }
        if self.state_at(now) != State::Pending {
            return Ok(self.unchanged());
        }
        let mut next = self.touched(now);
        next.0.types = draft.types;
        next.0.send_now = draft.send_now;
        next.0.timeout = draft.timeout;
        next.0.response_uri = draft.response_uri;
        next.0.origin = draft.origin;
        next.0.endpoints = draft.endpoints;
        next.0.answer_data = draft.answer_data.or(next.0.answer_data);
        if !next.0.types.offer(ChallengeType::Code) {
            // Whoever was given the code was given it for a type that is no longer wanted.
            next.0.code = None;
        }
        Ok(Transition { next, outcome: Outcome::Replaced, effects: Vec::new() })
    }

    fn issue(self, issue: Issue, now: Timestamp) -> Result<Transition, Refused> {
        match self.state_at(now) {
            State::Pending => {}
            State::Issued => return Err(Refused::AlreadyIssued),
            State::TimedOut => return Err(Refused::TimedOut),
            State::ChallengeFailed | State::ChallengePassed | State::ChallengeDeclined => return Err(Refused::Final),
        }
        if !issue.answerable {
            return Ok(self.moved(State::ChallengeFailed, Outcome::Failed, now));
        }
        let mut transition = self.moved(State::Issued, Outcome::Issued, now);
        transition.next.0.link = issue.link;
        transition.next.0.public_challenge = issue.public_challenge;
        transition.effects = deliver(issue.deliveries);
        Ok(transition)
    }

    fn resend(self, resend: Resend, now: Timestamp) -> Transition {
        let mut next = self.touched(now);
        next.0.link = Some(resend.link);
        next.0.reached = false;
        Transition { next, outcome: Outcome::Resent, effects: deliver(resend.deliveries) }
    }

    fn conclude(self, proof: Proof, now: Timestamp) -> Result<Transition, Refused> {
        if proof.challenge() != self.0.id || !self.0.types.offer(proof.kind()) {
            return Err(Refused::ForeignProof);
        }
        let approved = proof.allowed();
        let (state, outcome) = if approved {
            (State::ChallengePassed, Outcome::Passed)
        } else {
            (State::ChallengeDeclined, Outcome::Declined)
        };
        let mut transition = self.moved(state, outcome, now);
        transition.next.0.answered = Some(now);
        transition.effects = proof.into_actor().map(|actor| Effect::Act { actor, approved }).into_iter().collect();
        Ok(transition)
    }

    fn delivered(self) -> Transition {
        if self.0.reached {
            return self.unchanged();
        }
        // That a message arrived is no change that its readers look for: it leaves the time of the last one.
        let mut next = self;
        next.0.reached = true;
        Transition { next, outcome: Outcome::Delivered, effects: Vec::new() }
    }

    fn count_wrong(self, guessable: bool, fingerprint: Mac) -> Transition {
        // Nor is a wrong answer: the time would tell whether it was compared, or refused for another reason.
        let mut next = self;
        let count = if guessable { &mut next.0.wrong_guesses } else { &mut next.0.wrong_secrets };
        *count = count.saturating_add(1);
        next.0.last_wrong = Some(fingerprint);
        Transition { next, outcome: Outcome::Wrong, effects: Vec::new() }
    }

    fn moved(self, state: State, outcome: Outcome, now: Timestamp) -> Transition {
        let mut next = self.touched(now);
        next.0.state = state;
        if state.is_final() {
            // Handed out once or not at all: what can no longer be asked for is not kept.
            next.0.answer_data = None;
            next.0.code = None;
            next.0.link = None;
            next.0.number = None;
            next.0.action = None;
            next.0.last_wrong = None;
        }
        Transition { next, outcome, effects: Vec::new() }
    }

    fn unchanged(self) -> Transition {
        Transition { next: self, outcome: Outcome::Unchanged, effects: Vec::new() }
    }

    fn touched(mut self, now: Timestamp) -> Self {
        self.0.updated = now.max(self.0.updated);
        self
    }
}

fn deliver(to: Vec<(ChallengeType, EndpointId)>) -> Vec<Effect> {
    to.into_iter().map(|(channel, endpoint)| Effect::Deliver { channel, endpoint }).collect()
}
