use super::challenges::{find, load};
use super::siblings::Siblings;
use super::subjects::subject_or_new;
use super::transaction::Decision;
use super::{Challenges, Now};
use crate::answered::{self, Answered, UsedCredential};
use crate::challenge::{Challenge, ChallengeType, Compared, Event, Outcome, Refused, Transition};
use crate::error::Error;
use crate::factor::{Claim, Judgement, TimeStep, totp};
use crate::id::EnrollmentId;
use crate::keyring::SealError;
use crate::observer::Observation;
use crate::request::Answer;
use crate::secret::{AnswerData, Secret};
use crate::store::{Kind, Loaded, Version, Write};
use crate::subject::{Factor, Lock, Subject};
use crate::webauthn::Rejected;

/// What became of an answer.
enum Verdict {
    /// It was compared, and what follows is stored: it was right, or counted as wrong.
    Compared(Box<Comparison>),
    /// It was compared with nothing.
    Refused(Refused),
    /// It came too late, which is stored.
    TimedOut(Challenge),
    /// It could not be compared yet: the owner's failure counts are needed for it.
    NeedsSubject,
}

/// What is stored of an answer that was compared.
struct Comparison {
    result: Result<Answered, Transition>,
    fault: Option<AssertionFault>,
    /// Whether this was the last wrong answer that the challenge takes.
    exhausted: bool,
    lock: Option<(Factor, Lock)>,
}

/// A judged answer and what else its transition changes.
pub(super) struct Judged {
    pub(super) judgement: Judgement,
    /// The enrollment that was used, as it has to be stored or to stand still.
    pub(super) used: Option<Write>,
    /// The credential that was used.
    pub(super) credential: Option<UsedCredential>,
    /// What is wrong with the assertion.
    pub(super) fault: Option<AssertionFault>,
}

impl From<Judgement> for Judged {
    fn from(judgement: Judgement) -> Self {
        Self { judgement, used: None, credential: None, fault: None }
    }
}

/// What is stored of the owner's failures, and the lock that began with the last of them.
struct Counted {
    write: Option<Write>,
    lock: Option<(Factor, Lock)>,
}

/// The step that an assertion of an enrollment did not pass.
pub(super) type AssertionFault = (EnrollmentId, Rejected);

impl Challenges {
    /// Answers a challenge. An accepted answer ends it, as passed or declined; a wrong one is counted.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such challenge; [`Error::AnswerRefused`] when the answer is not accepted,
    /// whatever the reason, which only the [`Observer`](crate::Observer) is told; [`Error::Store`],
    /// [`Error::Contended`] or [`Error::Seal`] when it could not be decided. None of them is a pass; but after
    /// [`StoreError::OutcomeUnknown`](crate::store::StoreError::OutcomeUnknown) the challenge itself may be over, as
    /// reading it tells.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn answer(&self, answer: Answer) -> Result<Answered, Error> {
        let id = answer.challenge;
        let answered = self.decide(answer).await;
        match &answered {
            Ok(_) | Err(Error::AnswerRefused) => {}
            Err(error) => self.observe(&Observation::AnswerUndecided(id, error)),
        }
        answered
    }

    async fn decide(&self, answer: Answer) -> Result<Answered, Error> {
        let Some(kind) = answer.kind else {
            self.challenge(answer.challenge).await?;
            self.observe(&Observation::AnswerRefused(answer.challenge, Refused::TypeNotOffered));
            return Err(Error::AnswerRefused);
        };
        let mut with_subject = self.inner.policy.code_is_guessable();
        loop {
            let siblings: &[Kind] = match kind {
                ChallengeType::Totp => &[Kind::TotpEnrollment, Kind::Subject],
                ChallengeType::Webauthn => &[Kind::WebauthnEnrollment],
                ChallengeType::Sms | ChallengeType::WebPush => &[Kind::Subject],
                ChallengeType::Code if with_subject => &[Kind::Subject],
                _ => &[],
            };
            let load = load(answer.challenge).with_siblings(siblings);
            let verdict =
                self.transact(Some(&load), |loaded, now| self.judge(&answer, kind, loaded, now, with_subject)).await?;
            match verdict {
                Verdict::NeedsSubject => with_subject = true,
                Verdict::Refused(reason) => {
                    self.observe(&Observation::AnswerRefused(answer.challenge, reason));
                    return Err(Error::AnswerRefused);
                }
                Verdict::TimedOut(challenge) => {
                    self.observe(&Observation::ChallengeMoved(&challenge, Outcome::TimedOut));
                    self.observe(&Observation::AnswerRefused(answer.challenge, Refused::TimedOut));
                    return Err(Error::AnswerRefused);
                }
                Verdict::Compared(compared) => {
                    let Comparison { result, fault, exhausted, lock } = *compared;
                    let (challenge, outcome) = match &result {
                        Ok(answered @ Answered::Passed(_)) => (answered.challenge(), Outcome::Passed),
                        Ok(answered @ Answered::Declined(_)) => (answered.challenge(), Outcome::Declined),
                        Err(transition) => (&transition.next, transition.outcome),
                    };
                    if let Some((enrollment, rejected)) = fault {
                        self.observe(&Observation::AssertionFault(challenge, enrollment, rejected));
                    }
                    self.observe(&Observation::ChallengeMoved(challenge, outcome));
                    if exhausted {
                        self.observe(&Observation::ChallengeExhausted(challenge));
                    }
                    self.observe_lock(challenge.owner(), lock);
                    return result.map_err(|_| Error::AnswerRefused);
                }
            }
        }
    }

    fn judge(
        &self,
        answer: &Answer,
        kind: ChallengeType,
        loaded: &Loaded,
        now: Now,
        with_subject: bool,
    ) -> Result<Decision<Verdict>, Error> {
        let policy = &self.inner.policy;
        let (challenge, version) = find(loaded, answer.challenge)?;
        let claim = Claim {
            challenge: &challenge,
            kind,
            answer: answer.answer.expose(),
            user_id: answer.user_id.as_deref(),
            tenant: answer.tenant.as_deref(),
            allowed: answer.allowed,
            number: answer.number.as_ref().map(Secret::expose),
        };
        if let Err(reason) = challenge.accepts_answers(policy, now.latest).and_then(|()| claim.admit()) {
            return self.refuse(&challenge, version, reason, now);
        }
        if let Some(last) = challenge.last_wrong()
            && self.inner.ring.verify(challenge.place().field(&fingerprint_field(&claim, now)), last, claim.answer)?
        {
            return Ok(Decision::Done(Verdict::Refused(Refused::Repeated)));
        }
        let guessable_code = kind == ChallengeType::Code && challenge.code().is_some_and(|code| code.guessable);
        let is_link = (kind.sends_link() || kind == ChallengeType::Code) && claim.is_link(&self.inner.ring)?;
        // A link whose secret somebody has is guarded by two digits only, and answers as a code as well.
        let numbered = challenge.number().is_some() && answer.allowed && is_link;
        if kind == ChallengeType::Code && (guessable_code || numbered) && !with_subject {
            return Ok(Decision::Done(Verdict::NeedsSubject));
        }
        let subject = self.subject(loaded, challenge.owner())?;
        let factor = match kind {
            ChallengeType::Totp => Some(Factor::Totp),
            _ if numbered => Some(Factor::Number),
            ChallengeType::Code if guessable_code => Some(Factor::Code),
            _ => None,
        };
        if let (Some(factor), Some((subject, _))) = (factor, &subject)
            && let Err(reason) = subject.admit(factor, policy, now.clock)
        {
            return Ok(Decision::Done(Verdict::Refused(reason)));
        }
        let Some(Judged { judgement, used, credential, fault }) = self.compare(&claim, loaded, now)? else {
            return Ok(Decision::Done(Verdict::Refused(Refused::NothingToCompare)));
        };
        let tried = match &judgement {
            Judgement::Wrong { guessable } => *guessable,
            Judgement::Right(_) => true,
        };
        let by_message = kind.sends_link() && is_link;
        let compared = match judgement {
            Judgement::Right(proof) => Compared::Right(proof),
            Judgement::Wrong { guessable } => {
                let field = fingerprint_field(&claim, now);
                let fingerprint = self.inner.ring.mac(challenge.place().field(&field), claim.answer);
                Compared::Wrong { guessable, fingerprint }
            }
        };
        let mut transition = match challenge.step(Event::Answer(compared), policy, now.latest) {
            Ok(transition) => transition,
            Err(reason) => return self.refuse(&challenge, version, reason, now),
        };
        let answer_data = self.answer_data(&challenge, transition.outcome)?;
        let mut writes = self.enqueue_actions(&challenge, &mut transition, now)?;
        writes.push(self.put_challenge(&transition.next, Some(version))?);
        writes.extend(used);
        let Counted { write, lock } =
            self.count(&challenge, factor.map(|factor| (factor, tried)), by_message, subject, transition.outcome, now)?;
        writes.extend(write);
        let exhausted = transition.next.accepts_answers(policy, now.latest) == Err(Refused::Exhausted);
        let result = answered::conclude(transition, kind, credential, answer_data);
        Ok(Decision::Commit(writes, Verdict::Compared(Box::new(Comparison { result, fault, exhausted, lock }))))
    }

    /// Refuses an answer, and stores that the challenge's time is over where that is the reason, so that a clock going
    /// back cannot undo it.
    fn refuse(
        &self,
        challenge: &Challenge,
        version: Version,
        reason: Refused,
        now: Now,
    ) -> Result<Decision<Verdict>, Error> {
        if let Ok(expired) = challenge.step(Event::Expire, &self.inner.policy, now.latest)
            && expired.outcome == Outcome::TimedOut
        {
            let write = self.put_challenge(&expired.next, Some(version))?;
            return Ok(Decision::Commit(vec![write], Verdict::TimedOut(expired.next)));
        }
        Ok(Decision::Done(Verdict::Refused(reason)))
    }

    /// Compares the answer with all that it could be; `None` when that is nothing.
    fn compare(&self, claim: &Claim<'_>, loaded: &Loaded, now: Now) -> Result<Option<Judged>, Error> {
        match claim.kind {
            ChallengeType::Totp => {
                let siblings = self.siblings(loaded, claim.challenge.owner(), now)?;
                self.compare_totp(claim, &siblings, now)
            }
            ChallengeType::Webauthn => {
                let siblings = self.siblings(loaded, claim.challenge.owner(), now)?;
                self.compare_assertion(claim, &siblings, now)
            }
            _ => Ok(claim.judge_secret(&self.inner.ring)?.map(Judged::from)),
        }
    }

    fn compare_totp(&self, claim: &Claim<'_>, siblings: &Siblings, now: Now) -> Result<Option<Judged>, Error> {
        if !totp::is_well_formed(claim.answer) {
            return Ok(None);
        }
        let mut compared = false;
        let mut matched = None;
        for (enrollment, version) in siblings.totp_for(claim.challenge) {
            compared = true;
            let key = enrollment.key(&self.inner.ring)?;
            let skew = self.inner.policy.totp_skew;
            let step = totp::newest_match(&key, claim.answer, now.clock, skew, enrollment.mark());
            matched = matched.or(step.map(|step| (enrollment.used(step, now.latest), *version, step)));
        }
        if !compared {
            return Ok(None);
        }
        let judgement = claim.judge_step(matched.as_ref().map(|(_, _, step)| *step));
        let used = matched.map(|(enrollment, version, _)| self.put_totp(&enrollment, Some(version))).transpose()?;
        Ok(Some(Judged { used, ..judgement.into() }))
    }

    /// What passing hands out. It is opened before anything is stored: what does not open is not used up.
    fn answer_data(&self, challenge: &Challenge, outcome: Outcome) -> Result<Option<AnswerData>, Error> {
        match challenge.answer_data() {
            Some(sealed) if outcome == Outcome::Passed => {
                let plain = self.inner.ring.open(challenge.place().field("answer_data"), sealed)?;
                Ok(Some(AnswerData::from_sealed(plain).ok_or(SealError::Forged)?))
            }
            _ => Ok(None),
        }
    }

    /// Counts a failure of a factor that was tried, or forgets them after a success; forgets what was sent, after one by a
    /// message. Where that changes nothing, it asserts that the counts are those that admitted the answer. It also answers
    /// how the factor is locked by a failure.
    fn count(
        &self,
        challenge: &Challenge,
        factor: Option<(Factor, bool)>,
        by_message: bool,
        read: Option<(Subject, Version)>,
        outcome: Outcome,
        now: Now,
    ) -> Result<Counted, Error> {
        if factor.is_none() && !by_message {
            return Ok(Counted { write: None, lock: None });
        }
        let owner = challenge.owner();
        let (mut subject, version) = subject_or_new(read, owner);
        let tried = factor.filter(|(_, tried)| *tried).map(|(factor, _)| factor);
        let mut changed = outcome == Outcome::Passed && by_message && subject.clear_sends();
        let mut lock = None;
        match (outcome, tried) {
            (Outcome::Wrong, Some(factor)) => {
                lock = subject.count_failure(factor, &self.inner.policy, now.clock).map(|lock| (factor, lock));
                changed = true;
            }
            (_, Some(factor)) => changed |= subject.clear(factor),
            (_, None) => {}
        }
        if changed {
            return Ok(Counted { write: Some(self.put_subject(&subject, version, now)?), lock });
        }
        Ok(Counted { write: factor.map(|_| self.keep_subject(owner, version)), lock: None })
    }
}

/// What makes two answers the same: the type, who says it (an action may have actors of one name in two organisations),
/// whether it allows, the number, and for TOTP the time step, since the same code can be wrong now and right later, and then
/// it is another guess.
fn fingerprint_field(claim: &Claim<'_>, now: Now) -> String {
    let step = match claim.kind {
        ChallengeType::Totp => TimeStep::at(now.clock).number(),
        _ => 0,
    };
    let Claim { kind, allowed, tenant, .. } = claim;
    let (number, user_id) = (claim.number.unwrap_or_default(), claim.user_id.unwrap_or_default());
    format!("wrong/{kind}/{step}/{allowed}/{number:?}/{tenant:?}/{user_id}")
}
