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
use crate::owner::Owner;
use crate::secret::AnswerData;
use crate::store::{HostTransaction, Kind, Load, Loaded, Write};
use crate::throttle::{self, Counters, Lock};

/// The result of an answer, valid once committed.
enum Reply {
    /// The answer was not compared. `expired` is the challenge if the call found and stored the expiry.
    Refused { owner: Owner, reason: Refused, expired: Option<Challenge> },
    /// The answer was compared.
    Compared(Box<Transition>, Facts),
    /// The answer locks a factor, and the notice needs the addresses of the user. Nothing is changed yet.
    NeedsAddresses,
}

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

/// The writes of the counts and of a notice, and the resulting lock.
type Tally = (Vec<Write>, Option<Lock>);

/// Answers a challenge. A compared answer takes two round trips for every type, right or wrong: one load, one commit.
/// A refused answer takes the load only, unless the expiry is stored. An answer with a notice of a lock takes another
/// load, of the addresses of the user.
pub(crate) async fn answer(engine: &Engine, answer: &Answer) -> Result<Decision, Error> {
    let load = load_for(answer);
    let mut reply = engine.transact(Some(&load), |loaded, now| decide(engine, answer, loaded, false, now)).await;
    if matches!(reply, Ok(Reply::NeedsAddresses)) {
        let load = load.with_owned(&[Kind::Endpoint]);
        reply = engine.transact(Some(&load), |loaded, now| decide(engine, answer, loaded, true, now)).await;
    }
    let (transition, facts) = compared(engine, answer, reply)?;
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
    let load = load_for(answer);
    session.check_answer(load.shard())?;
    let first = |loaded: &Loaded, now| decide(engine, answer, loaded, false, now);
    let mut reply = session.transact(engine, &load, first, Some(joins)).await;
    if matches!(reply, Ok(Reply::NeedsAddresses)) {
        let load = load.with_owned(&[Kind::Endpoint]);
        let second = |loaded: &Loaded, now| decide(engine, answer, loaded, true, now);
        reply = session.transact(engine, &load, second, Some(joins)).await;
    }
    let (transition, facts) = compared(engine, answer, reply)?;
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
fn joins(reply: &Reply) -> bool {
    match reply {
        Reply::Refused { .. } | Reply::NeedsAddresses => false,
        Reply::Compared(_, facts) => facts.outcome != Outcome::Wrong,
    }
}

/// Returns the stored transition of a compared answer. Reports and refuses an answer that was not compared.
fn compared(engine: &Engine, answer: &Answer, reply: Result<Reply, Error>) -> Result<(Transition, Facts), Error> {
    let challenge = answer.challenge;
    match reply {
        Ok(Reply::Refused { owner, reason, expired }) => {
            if let Some(expired) = expired {
                observe_moved(engine, &expired, Outcome::TimedOut);
            }
            engine.observe(&Observation::AnswerRefused { challenge, owner: &owner, reason });
            Err(Error::AnswerRefused)
        }
        Ok(Reply::Compared(transition, facts)) => Ok((*transition, facts)),
        Ok(Reply::NeedsAddresses) => Err(Error::Contended),
        Err(error) => {
            engine.observe(&Observation::AnswerUndecided { challenge, error: &error });
            Err(error)
        }
    }
}

/// Returns the request for the challenge, the failure counts, and the enrollments that may answer.
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

/// Decides an answer on loaded state. `with_addresses` is `true` if the addresses of the user are loaded.
fn decide(
    engine: &Engine,
    answer: &Answer,
    loaded: &Loaded,
    with_addresses: bool,
    now: Now,
) -> Result<Change<Reply>, Error> {
    let found = engine::find::<Challenge>(loaded, answer.challenge.0)?;
    if answer.kind == AnswerKind::Unknown {
        return Ok(refused(&found.value, Refused::TypeNotOffered));
    }
    let with_addresses = with_addresses || answer.kind == AnswerKind::Type(ChallengeType::RecoveryCode);
    match decide_loaded(engine, answer, &found, loaded, with_addresses, now) {
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
    found: &Versioned<Challenge>,
    loaded: &Loaded,
    with_addresses: bool,
    now: Now,
) -> Result<Change<Reply>, Error> {
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
    let addresses = with_addresses.then_some(loaded);
    let Some((tallied, lock)) = tally(engine, counters, class, by_message, &transition, addresses, now)? else {
        return Ok(Change::none(Reply::NeedsAddresses));
    };
    writes.extend(tallied);
    let codes_left = transition.proof.as_ref().and_then(Proof::codes_left);
    let facts = Facts { outcome: transition.outcome, class, rejected, lock, codes_left };
    Ok(Change::new(writes, Reply::Compared(Box::new(transition), facts)))
}

/// Refuses an answer. An expired challenge is stored as such, so that a clock set back cannot reopen the challenge.
fn refuse(engine: &Engine, found: &Versioned<Challenge>, reason: Refused, now: Now) -> Result<Change<Reply>, Error> {
    if let Ok(step) = found.value.step(Event::Expire, &engine.policy, now.latest)
        && step.outcome == Outcome::TimedOut
    {
        let write = engine.put(&step.next, Some(found.version))?;
        let owner = step.next.owner().clone();
        let reply = Reply::Refused { owner, reason: Refused::TimedOut, expired: Some(step.next) };
        return Ok(Change::new(vec![write], reply));
    }
    Ok(refused(&found.value, reason))
}

fn refused(challenge: &Challenge, reason: Refused) -> Change<Reply> {
    Change::none(Reply::Refused { owner: challenge.owner().clone(), reason, expired: None })
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
    } else {
        writes.extend(factor.map(|_| counters.unchanged()));
    }
    Ok(Some((writes, lock)))
}
