use super::request::{Link, Request, StoredSpec};
use super::{AnswerClass, Challenge, Outcome, Proof, State, Verdict};
use crate::challenge_type::ChallengeType;
use crate::error::Refused;
use crate::evidence::Evidence;
use crate::id::EndpointId;
use crate::keyring::Mac;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::secret::AnswerData;
use crate::time::Timestamp;
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
    /// Every delivery failed for good, and the user cannot answer in another way.
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
    /// The proof that passed or declined the challenge, with writes to commit together with `next`.
    pub(super) proof: Option<Proof>,
    /// The data for the accepted answer, opened by the caller of the machine.
    pub(super) answer_data: Option<AnswerData>,
}

/// An effect of a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
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
        actor: Owner,
        /// `true` if the actor approved, `false` if the actor declined.
        approved: bool,
    },
}

impl Transition {
    pub(super) const fn new(next: Challenge, outcome: Outcome) -> Self {
        Self { next, outcome, effects: Vec::new(), proof: None, answer_data: None }
    }
}

impl Challenge {
    /// Applies an event at a time. Pure: reads no clock, draws no random bytes, and returns effects as data.
    ///
    /// # Errors
    ///
    /// [`Refused`] when the event is illegal in this state. A wrong answer is not an error: the next challenge counts
    /// the answer.
    pub fn step(&self, event: Event, policy: &Policy, now: Timestamp) -> Result<Transition, Refused> {
        self.clone().into_step(event, policy, now)
    }

    /// Applies an event like [`Challenge::step`], by value.
    pub(super) fn into_step(self, event: Event, policy: &Policy, now: Timestamp) -> Result<Transition, Refused> {
        match event {
            Event::Replace(replacement) => self.replace(replacement, now),
            Event::Issue(issue) => self.issue(issue, now),
            Event::Expire => Ok(self.expire(now)),
            Event::Resend(_) => {
                self.accepts_link(policy, now)?;
                self.step_open(event, policy, now)
            }
            Event::Answer { .. } | Event::Delivered | Event::DeliveryFailed => {
                self.accepts_answers(policy, now)?;
                self.step_open(event, policy, now)
            }
        }
    }

    /// Checks that the challenge takes an answer at a time.
    ///
    /// # Errors
    ///
    /// [`Refused`] with the reason.
    pub fn accepts_answers(&self, policy: &Policy, now: Timestamp) -> Result<(), Refused> {
        match self.state_at(now) {
            State::Issued => {}
            State::Pending => return Err(Refused::Pending),
            State::TimedOut => return Err(Refused::TimedOut),
            State::ChallengeFailed | State::ChallengePassed | State::ChallengeDeclined => return Err(Refused::Final),
        }
        if self.is_exhausted(policy) { Err(Refused::Exhausted) } else { Ok(()) }
    }

    /// Checks that the link of a message can answer the challenge at `now`.
    pub(crate) fn accepts_link(&self, policy: &Policy, now: Timestamp) -> Result<(), Refused> {
        self.accepts_answers(policy, now)?;
        let open = |kind: ChallengeType| kind.sends_link() && !self.0.wrong.is_type_exhausted(kind, false, policy);
        let is_open = self.types().is_some_and(|types| types.iter().any(open));
        if is_open { Ok(()) } else { Err(Refused::Exhausted) }
    }

    /// Checks that an answer of the class is within the limit of wrong answers.
    pub(super) fn admit(&self, class: AnswerClass, policy: &Policy) -> Result<(), Refused> {
        if self.0.wrong.is_exhausted(class, policy) { Err(Refused::Exhausted) } else { Ok(()) }
    }

    /// Returns whether every type has reached the limit of wrong answers.
    fn is_exhausted(&self, policy: &Policy) -> bool {
        let guessable_code = self.code().is_some_and(|code| code.guessable);
        let exhausted = |kind| self.0.wrong.is_type_exhausted(kind, guessable_code, policy);
        match self.types() {
            Some(types) => types.iter().all(exhausted),
            None => self.0.wrong.is_exhausted(AnswerClass::Secret, policy),
        }
    }

    /// Applies an event to a challenge that takes answers.
    fn step_open(self, event: Event, policy: &Policy, now: Timestamp) -> Result<Transition, Refused> {
        match event {
            Event::Resend(resend) => Ok(self.resend(resend, now)),
            Event::Answer { class, verdict, fingerprint } => {
                self.admit(class, policy)?;
                match verdict {
                    Verdict::Right(proof) => self.conclude(proof, now),
                    Verdict::Wrong { .. } => Ok(self.count_wrong(class, fingerprint)),
                }
            }
            Event::Delivered => Ok(self.delivered()),
            Event::DeliveryFailed if self.is_delivered() => Ok(Transition::new(self, Outcome::Unchanged)),
            Event::DeliveryFailed => Ok(self.moved(State::ChallengeFailed, Outcome::Failed, now)),
            // Never reached: `into_step` handles these events for every state.
            Event::Replace(_) | Event::Issue(_) => Err(Refused::AlreadyIssued),
            Event::Expire => Ok(self.expire(now)),
        }
    }

    /// Ends an expired challenge, and leaves any other unchanged.
    pub(super) fn expire(self, now: Timestamp) -> Transition {
        if !self.0.state.is_final() && self.state_at(now) == State::TimedOut {
            return self.moved(State::TimedOut, Outcome::TimedOut, now);
        }
        Transition::new(self, Outcome::Unchanged)
    }

    fn replace(self, Replacement { spec, timeout }: Replacement, now: Timestamp) -> Result<Transition, Refused> {
        if self.is_action() {
            return Err(Refused::NotReplaceable);
        }
        if self.state_at(now) != State::Pending {
            return Ok(Transition::new(self, Outcome::Unchanged));
        }
        let mut next = self.touched(now);
        next.0.timeout = timeout;
        if let Request::Types(request) = &mut next.0.request {
            let earlier = std::mem::replace(&mut request.spec, spec);
            request.spec.answer_data = request.spec.answer_data.take().or(earlier.answer_data);
            if !request.spec.types.contains(ChallengeType::Code) {
                // The code was handed out for a type that is no longer wanted.
                request.code = None;
            }
        }
        Ok(Transition::new(next, Outcome::Replaced))
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
        if let Request::Types(request) = &mut transition.next.0.request {
            request.link = issue.link;
            request.email_link = issue.email_link;
            request.public_challenge = issue.public_challenge;
        }
        transition.effects = deliveries(issue.deliveries);
        Ok(transition)
    }

    fn resend(self, resend: Resend, now: Timestamp) -> Transition {
        let mut next = self.touched(now);
        if let Request::Types(request) = &mut next.0.request {
            request.link = resend.link;
            request.email_link = resend.email_link;
        }
        let mut transition = Transition::new(next, Outcome::Resent);
        transition.effects = deliveries(resend.deliveries);
        transition
    }

    fn conclude(self, proof: Proof, now: Timestamp) -> Result<Transition, Refused> {
        let offered = match (proof.kind(), self.types()) {
            (Some(kind), Some(types)) => types.contains(kind),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if proof.challenge() != self.0.id || !offered {
            return Err(Refused::ForeignProof);
        }
        let approved = proof.allowed();
        let (state, outcome) = if approved {
            (State::ChallengePassed, Outcome::Passed)
        } else {
            (State::ChallengeDeclined, Outcome::Declined)
        };
        let mut transition = self.moved(state, outcome, now);
        transition.next.0.answered_at = Some(now);
        let by_link = proof.method().filter(|method| approved && method.is_message());
        transition.next.0.by_link = by_link.map(|by| Evidence::new(by, now).stored());
        transition.effects.extend(proof.actor().map(|actor| Effect::Act { actor: actor.clone(), approved }));
        transition.proof = Some(proof);
        Ok(transition)
    }

    /// Notes the delivery without touching `updated`: readers look for no such change.
    fn delivered(self) -> Transition {
        let mut next = self;
        if !next.is_undelivered() {
            return Transition::new(next, Outcome::Unchanged);
        }
        if let Some(request) = next.by_types_mut() {
            request.link.iter_mut().chain(&mut request.email_link).for_each(|link| link.delivered = true);
        }
        Transition::new(next, Outcome::Delivered)
    }

    /// Counts a wrong answer without touching `updated`: the time would tell whether the answer was compared.
    fn count_wrong(self, class: AnswerClass, fingerprint: Mac) -> Transition {
        let mut next = self;
        next.0.wrong.count(class, fingerprint);
        Transition::new(next, Outcome::Wrong)
    }

    fn moved(self, state: State, outcome: Outcome, now: Timestamp) -> Transition {
        let mut next = self.touched(now);
        next.0.state = state;
        if state.is_final() {
            next.0.wrong.last = None;
            next.0.request.forget_secrets();
        }
        Transition::new(next, outcome)
    }

    fn is_delivered(&self) -> bool {
        self.by_types().is_some_and(|request| request.links().any(|link| link.delivered))
    }

    /// Returns whether the challenge has a link, and no message with the link has left yet.
    pub(crate) fn is_undelivered(&self) -> bool {
        self.by_types().is_some_and(|request| request.links().any(|link| !link.delivered))
    }

    fn touched(mut self, now: Timestamp) -> Self {
        self.0.updated = now.max(self.0.updated);
        self
    }
}

fn deliveries(to: Vec<(ChallengeType, EndpointId)>) -> Vec<Effect> {
    to.into_iter().map(|(channel, endpoint)| Effect::Deliver { channel, endpoint }).collect()
}
