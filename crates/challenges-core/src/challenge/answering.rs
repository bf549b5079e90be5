use super::answer::{Answer, AnswerKind};
use super::step::Event;
use super::{
    AnswerClass, Challenge, Decision, LoadedFactors, Outcome, Proof, Transition, Verdict, decision, effects,
    observe_moved, secret, verification,
};
use crate::challenge_type::ChallengeType;
use crate::engine::{self, Change, Engine, Now, Report, Session, Versioned};
use crate::error::{Error, Refused, Rejected};
use crate::id::EnrollmentId;
use crate::keyring::SealError;
use crate::notices;
use crate::observer::Observation;
use crate::outbox::Notice;
use crate::secret::AnswerData;
use crate::store::{HostTransaction, Kind, Load, Loaded, Write};
use crate::throttle::{self, Counters, Lock};

/// The facts about a compared answer for the observer.
#[derive(Clone, Copy)]
struct Facts {
    outcome: Outcome,
    class: AnswerClass,
    rejected: Option<(EnrollmentId, Rejected)>,
    lock: Option<Lock>,
    /// The number of recovery codes left, if a recovery code answered.
    codes_left: Option<usize>,
}

/// A decided answer, valid once committed: the transition, and the facts about the comparison or the reason for a
/// refusal.
type Decided = (Transition, Result<Facts, Refused>);

/// The writes of the counts and of a notice, and the resulting lock.
type Tally = (Vec<Write>, Option<Lock>);

/// Answers a challenge. A compared answer takes two round trips for every type, right or wrong: one load, one commit.
/// A refused answer takes the load only, unless the expiry is stored. An answer with a notice of a lock takes another
/// load, of the addresses of the user.
pub(crate) async fn answer(engine: &Engine, answer: &Answer) -> Result<Decision, Error> {
    let mut load = load_for(answer);
    let mut decided = engine.transact(Some(&load), |loaded, now| decide(engine, answer, &load, loaded, now)).await;
    if matches!(decided, Ok(None)) {
        load = load.with_owned(&[Kind::Endpoint]);
        decided = engine.transact(Some(&load), |loaded, now| decide(engine, answer, &load, loaded, now)).await;
    }
    let (transition, facts) = compared(engine, answer, decided)?;
    facts.report(engine, &transition.next);
    decision::from_transition(transition).ok_or(Error::AnswerRefused)
}

/// Answers in the transaction of the host, and returns the report for the observer. An answer that ends the challenge
/// joins the transaction. Everything else is committed and reported at once.
pub(crate) async fn answer_in<T: HostTransaction>(
    engine: &Engine,
    session: &mut Session<T>,
    answer: &Answer,
) -> Result<(Decision, Report), Error> {
    let mut load = load_for(answer);
    session.check_answer(load.shard())?;
    let first = |loaded: &Loaded, now| decide(engine, answer, &load, loaded, now);
    let mut decided = session.transact(engine, &load, first, Some(joins)).await;
    if matches!(decided, Ok(None)) {
        load = load.with_owned(&[Kind::Endpoint]);
        let second = |loaded: &Loaded, now| decide(engine, answer, &load, loaded, now);
        decided = session.transact(engine, &load, second, Some(joins)).await;
    }
    let (transition, facts) = compared(engine, answer, decided)?;
    let challenge = transition.next.clone();
    match decision::from_transition(transition) {
        Some(decision) => Ok((decision, Box::new(move |engine| facts.report(engine, &challenge)))),
        None => {
            facts.report(engine, &challenge);
            Err(Error::AnswerRefused)
        }
    }
}

/// Returns whether an answer joins the transaction of the host. Only an answer that ends the challenge joins.
fn joins(decided: &Option<Decided>) -> bool {
    decided.as_ref().is_some_and(|(transition, _)| matches!(transition.outcome, Outcome::Passed | Outcome::Declined))
}

/// Returns the stored transition of a compared answer. Reports and refuses an answer that was not compared.
fn compared(
    engine: &Engine,
    answer: &Answer,
    decided: Result<Option<Decided>, Error>,
) -> Result<(Transition, Facts), Error> {
    let challenge = answer.challenge;
    match decided {
        Ok(Some((transition, Ok(facts)))) => Ok((transition, facts)),
        Ok(Some((Transition { next, outcome, .. }, Err(reason)))) => {
            if outcome == Outcome::TimedOut {
                observe_moved(engine, &next, outcome);
            }
            engine.observe(&Observation::AnswerRefused { challenge, owner: next.owner(), reason });
            Err(Error::AnswerRefused)
        }
        Ok(None) => Err(Error::Contended),
        Err(error) => {
            engine.observe(&Observation::AnswerUndecided { challenge, error: &error });
            Err(error)
        }
    }
}

/// Returns the request for the challenge, the failure counts, and the enrollments that may answer. A link needs no
/// endpoint: the counters tell whether an address was removed after the link was sent.
fn load_for(answer: &Answer) -> Load {
    let load = engine::load::<Challenge>(answer.challenge.0).with_owned(&[Kind::Counters]);
    match answer.kind {
        AnswerKind::Type(ChallengeType::Totp) => load.with_owned(&[Kind::TotpEnrollment]),
        AnswerKind::Type(ChallengeType::Webauthn) => load.with_owned(&[Kind::WebauthnEnrollment]),
        // The addresses receive a notice of a used code.
        AnswerKind::Type(ChallengeType::RecoveryCode) => load.with_owned(&[Kind::RecoveryCodes, Kind::Endpoint]),
        AnswerKind::Type(ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email | ChallengeType::Code)
        | AnswerKind::OneTimeUseAction
        | AnswerKind::Unknown => load,
    }
}

/// Decides an answer on loaded state. Returns `None` when the answer locks a factor, and the notice needs the addresses
/// of the user, which `load` does not request. Nothing is changed then.
fn decide(
    engine: &Engine,
    answer: &Answer,
    load: &Load,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<Option<Decided>>, Error> {
    let mut found = engine::find::<Challenge>(loaded, answer.challenge.0)?;
    if answer.kind == AnswerKind::Unknown {
        let unchanged = Transition::new(found.value, Outcome::Unchanged);
        return Ok(Change::none(Some((unchanged, Err(Refused::TypeNotOffered)))));
    }
    let addresses = load.owned_kinds().contains(&Kind::Endpoint).then_some(loaded);
    match decide_loaded(engine, answer, &mut found, loaded, addresses, now) {
        // A code or link under a retired key cannot be compared, so the answer counts as no failure.
        Err(Error::Seal(SealError::RetiredKey(_))) => refuse(engine, &found, Refused::NothingToCompare, now),
        compared => compared,
    }
}

/// Checks the state and the limits, compares, applies the verdict to the challenge, and collects the writes. The order
/// matters: an answer over a limit is refused before the verification, so that guessing over the limit teaches nothing.
fn decide_loaded(
    engine: &Engine,
    answer: &Answer,
    found: &mut Versioned<Challenge>,
    loaded: &Loaded,
    addresses: Option<&Loaded>,
    now: Now,
) -> Result<Change<Option<Decided>>, Error> {
    let policy = &engine.policy;
    let challenge = &found.value;
    if let Err(reason) = challenge.accepts_answers(policy, now.latest).and_then(|()| answer.admit(challenge)) {
        return refuse(engine, found, reason, now);
    }
    let field = answer.fingerprint_field(now);
    let place = challenge.place().field(&field);
    if let Some(last) = challenge.last_wrong()
        && engine.keys.is_fingerprint(place, last, answer.secret.expose())?
    {
        return refuse(engine, found, Refused::Repeated, now);
    }
    let counters = Counters::read(engine, loaded, challenge.owner())?;
    // From here on, a recalled link or code is one that was never sent.
    found.value.drop_recalled_links(&counters);
    let challenge = &found.value;
    let place = challenge.place().field(&field);
    let is_link = takes_link(answer.kind) && secret::is_link(challenge, answer, &engine.keys)?;
    let class = class_of(challenge, answer, is_link);
    let admitted = class.factor().map_or(Ok(()), |factor| counters.admit(factor, policy, now.clock));
    if let Err(reason) = challenge.admit(class, policy).and(admitted) {
        return refuse(engine, found, reason, now);
    }
    let factors = LoadedFactors::that_answer(engine, loaded, challenge.owner(), now)?;
    let Some(verdict) = verification::verify(engine, challenge, answer, &factors, now)? else {
        return refuse(engine, found, Refused::NothingToCompare, now);
    };
    let rejected = match &verdict {
        Verdict::Right(proof) => proof.reported(),
        Verdict::Wrong { rejected } => *rejected,
    };
    let fingerprint = engine.keys.mac(place, answer.secret.expose());
    let event = Event::Answer { class, verdict, fingerprint };
    let mut transition = match challenge.step(event, policy, now.latest) {
        Ok(transition) => transition,
        Err(reason) => return refuse(engine, found, reason, now),
    };
    transition.answer_data = open_answer_data(engine, challenge, transition.outcome)?;
    let effects = effects::writes(engine, challenge, &mut transition, None, now)?;
    // The challenge comes first, so that its version witnesses the commit when the reply is lost.
    let mut writes = vec![engine.put(&transition.next, Some(found.version))?];
    writes.extend(transition.proof.iter_mut().flat_map(Proof::take_consumed));
    writes.extend(effects);
    let by_message =
        (is_link || matches!(class, AnswerClass::MessageCode | AnswerClass::EmailCode)) && sends_link(answer.kind);
    let Some((tallied, lock)) = tally(engine, counters, class, by_message, &transition, addresses, now)? else {
        return Ok(Change::none(None));
    };
    writes.extend(tallied);
    let codes_left = transition.proof.as_ref().and_then(Proof::codes_left);
    let facts = Facts { outcome: transition.outcome, class, rejected, lock, codes_left };
    Ok(Change::new(writes, Some((transition, Ok(facts)))))
}

/// Refuses an answer. An expired challenge is stored as such, so that a clock set back cannot reopen the challenge.
fn refuse(
    engine: &Engine,
    found: &Versioned<Challenge>,
    reason: Refused,
    now: Now,
) -> Result<Change<Option<Decided>>, Error> {
    let transition = found.value.clone().expire(now.latest);
    if transition.outcome != Outcome::TimedOut {
        return Ok(Change::none(Some((transition, Err(reason)))));
    }
    let write = engine.put(&transition.next, Some(found.version))?;
    Ok(Change::new(vec![write], Some((transition, Err(Refused::TimedOut)))))
}

impl Facts {
    /// Reports an answer after the commit; `next` is the challenge after the answer.
    fn report(self, engine: &Engine, next: &Challenge) {
        let Self { outcome, class, rejected, lock, codes_left } = self;
        let (challenge, owner) = (next.id(), next.owner());
        if let Some((enrollment, reason)) = rejected {
            engine.observe(&Observation::AssertionRejected { challenge, owner, enrollment, reason });
        }
        observe_moved(engine, next, outcome);
        if let Some(left) = codes_left {
            engine.observe(&Observation::RecoveryCodeUsed { challenge, owner, left });
        }
        if outcome == Outcome::Wrong && next.admit(class, &engine.policy).is_err() {
            engine.observe(&Observation::ChallengeExhausted { challenge, owner, types: next.types() });
        }
        if let Some(factor) = class.factor() {
            throttle::observe_lock(engine, owner, factor, lock);
        }
    }
}

fn open_answer_data(engine: &Engine, challenge: &Challenge, outcome: Outcome) -> Result<Option<AnswerData>, Error> {
    match challenge.answer_data() {
        Some(sealed) if outcome == Outcome::Passed => {
            let plain = engine.keys.open(challenge.place().field("answer_data"), sealed)?;
            Ok(Some(AnswerData::from_sealed(plain).ok_or(SealError::Forged)?))
        }
        Some(_) | None => Ok(None),
    }
}

/// Returns the class of an answer. A wrong answer counts against the limit of the class.
fn class_of(challenge: &Challenge, answer: &Answer, is_link: bool) -> AnswerClass {
    // With the secret of the link, only two digits are left to guess. This comes first, because the secret of a link
    // can also answer under the type `code`.
    if challenge.number().is_some() && answer.allowed && is_link {
        return AnswerClass::Number;
    }
    if let Some((_, kind, _)) = secret::message_code(challenge, answer) {
        return if kind == ChallengeType::Email { AnswerClass::EmailCode } else { AnswerClass::MessageCode };
    }
    match answer.kind {
        AnswerKind::Type(ChallengeType::Totp) => AnswerClass::Totp,
        AnswerKind::Type(ChallengeType::Webauthn) => AnswerClass::Assertion,
        AnswerKind::Type(ChallengeType::RecoveryCode) => AnswerClass::RecoveryCode,
        AnswerKind::Type(ChallengeType::Code) if challenge.code().is_some_and(|code| code.guessable) => {
            AnswerClass::Code
        }
        AnswerKind::Type(ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email) => AnswerClass::Link,
        AnswerKind::Type(ChallengeType::Code) | AnswerKind::OneTimeUseAction | AnswerKind::Unknown => {
            AnswerClass::Secret
        }
    }
}

/// Returns whether a message delivers the secret of the type. A right answer then shows that messages arrive.
const fn sends_link(kind: AnswerKind) -> bool {
    match kind {
        AnswerKind::Type(kind) => kind.sends_link(),
        AnswerKind::OneTimeUseAction | AnswerKind::Unknown => false,
    }
}

/// Returns whether the secret of a link may pass under the type: the types sent by message, and `code`.
fn takes_link(kind: AnswerKind) -> bool {
    sends_link(kind) || kind == AnswerKind::Type(ChallengeType::Code)
}

/// Counts a compared answer. Returns the writes of the counters and of a notice, and the resulting lock.
///
/// - A wrong answer counts as a failure of the factor.
/// - A right answer clears the failures of the factor. Under [`AnswerClass::Code`] only the failures of this challenge
///   are cleared, because the creator of a challenge knows the code, and can be the user who guesses the codes of other
///   challenges.
/// - A right answer by message also clears the sends.
/// - An answer that ends the challenge frees the place among the open challenges.
///
/// Without a change, the write asserts the counts read: a concurrent failure may have locked the factor. Returns `None`
/// when a notice has to be queued and the addresses are not loaded.
fn tally(
    engine: &Engine,
    mut counters: Counters,
    class: AnswerClass,
    by_message: bool,
    transition: &Transition,
    addresses: Option<&Loaded>,
    now: Now,
) -> Result<Option<Tally>, Error> {
    let Transition { next, outcome, .. } = transition;
    let outcome = *outcome;
    let mut changed = next.answered_at().is_some() && counters.close_challenge(next.expires());
    changed |= outcome == Outcome::Passed && by_message && counters.clear_sends();
    let factor = class.factor();
    let mut lock = None;
    let codes_left = transition.proof.as_ref().and_then(Proof::codes_left);
    let mut notice = codes_left.map(|left| Notice::RecoveryCodeUsed { left });
    if let Some(factor) = factor {
        if outcome == Outcome::Wrong {
            lock = counters.count_failure(factor, &engine.policy, now.clock);
            notice = notices::of_lock(engine, &counters, factor, lock);
            changed = true;
        } else {
            changed |= match class {
                AnswerClass::Code => counters.forgive_failures(next.id(), next.wrong_of(class), now.clock),
                AnswerClass::Totp
                | AnswerClass::Number
                | AnswerClass::Secret
                | AnswerClass::Link
                | AnswerClass::Assertion
                | AnswerClass::RecoveryCode
                | AnswerClass::MessageCode
                | AnswerClass::EmailCode => counters.clear_failures(factor),
            };
        }
    }
    let mut writes = Vec::new();
    if let Some(notice) = notice {
        let Some(loaded) = addresses else { return Ok(None) };
        writes = notices::queue(engine, loaded, &mut counters, notice, now)?;
        changed |= !writes.is_empty();
    }
    if changed {
        writes.push(counters.write(engine, now)?);
    } else if factor.is_some() || by_message {
        writes.push(counters.unchanged());
    }
    Ok(Some((writes, lock)))
}
