#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::entropy::OsEntropy;
use crate::factor::{Claim, Judgement, TimeStep};
use crate::id::{ChallengeId, Id, OwnerTag};
use crate::keyring::{KeyId, KeyRing, Mac, MasterKey};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::webauthn::PublicChallenge;

const START: u64 = 1_000_000;
const SECONDS: u64 = 600;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(START + seconds)
}

fn policy() -> Policy {
    Policy::default()
}

fn challenge(random: u128, kind: ChallengeType) -> Challenge {
    let id = ChallengeId(Id::new(at(0), OwnerTag::new(1), random));
    Challenge::pending(id, Owner::user("alice").unwrap(), at(0), draft(kind))
}

fn draft(kind: ChallengeType) -> Draft {
    let types = match kind {
        ChallengeType::OneTimeUseAction => Types::one_time_use_action(),
        kind => Types::try_from(kind).unwrap(),
    };
    Draft {
        types,
        send_now: true,
        timeout: Timeout::from_seconds(SECONDS).unwrap(),
        response_uri: None,
        origin: None,
        endpoints: Vec::new(),
        answer_data: None,
    }
}

fn mac() -> Mac {
    let ring = KeyRing::new(KeyId::new("k").unwrap(), MasterKey::from_bytes([1; 32]));
    ring.mac(challenge(1, ChallengeType::Code).place(), "wrong")
}

fn issue(answerable: bool) -> Event {
    Event::Issue(Issue { answerable, link: None, public_challenge: None, deliveries: Vec::new() })
}

fn right(challenge: &Challenge, kind: ChallengeType, allowed: bool) -> Event {
    let claim = Claim { challenge, kind, answer: "", user_id: None, tenant: None, allowed, number: None };
    match claim.judge_step(Some(TimeStep::at(at(0)))) {
        Judgement::Right(proof) => Event::Answer(Compared::Right(proof)),
        Judgement::Wrong { .. } => unreachable!("the step matched"),
    }
}

fn wrong(guessable: bool) -> Event {
    Event::Answer(Compared::Wrong { guessable, fingerprint: mac() })
}

/// Something that can happen to a challenge, in a form that can be repeated and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Replace,
    Issue,
    IssueInVain,
    Approve,
    Decline,
    WrongGuess,
    WrongSecret,
    Resend,
    Delivered,
    DeliveryFailed,
    Expire,
    /// Not an event: the clock moves past the timeout.
    Wait,
}

const OPS: [Op; 12] = [
    Op::Replace,
    Op::Issue,
    Op::IssueInVain,
    Op::Approve,
    Op::Decline,
    Op::WrongGuess,
    Op::WrongSecret,
    Op::Resend,
    Op::Delivered,
    Op::DeliveryFailed,
    Op::Expire,
    Op::Wait,
];

impl Op {
    fn event(self, challenge: &Challenge) -> Option<Event> {
        let kind = challenge.types().iter().next().unwrap();
        Some(match self {
            Self::Replace => Event::Replace(Replacement(draft(kind))),
            Self::Issue => issue(true),
            Self::IssueInVain => issue(false),
            Self::Approve => right(challenge, kind, true),
            Self::Decline => right(challenge, kind, false),
            Self::WrongGuess => wrong(true),
            Self::WrongSecret => wrong(false),
            Self::Resend => Event::Resend(Resend { link: mac(), deliveries: Vec::new() }),
            Self::Delivered => Event::Delivered,
            Self::DeliveryFailed => Event::DeliveryFailed,
            Self::Expire => Event::Expire,
            Self::Wait => return None,
        })
    }
}

/// The contract's diagram, written again without the machine: the state, wrong guesses, and whether time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    state: State,
    guesses: u32,
    reached: bool,
    late: bool,
}

impl Model {
    fn apply(&mut self, op: Op) {
        use State::{ChallengeDeclined, ChallengeFailed, ChallengePassed, Issued, Pending, TimedOut};
        let open = self.state == Issued && !self.late && self.guesses < 5;
        match op {
            Op::Wait => self.late = true,
            Op::Issue if self.state == Pending && !self.late => self.state = Issued,
            Op::IssueInVain if self.state == Pending && !self.late => self.state = ChallengeFailed,
            Op::Approve if open => self.state = ChallengePassed,
            Op::Decline if open => self.state = ChallengeDeclined,
            Op::Resend if open => self.reached = false,
            Op::Delivered if open => self.reached = true,
            Op::DeliveryFailed if open && !self.reached => self.state = ChallengeFailed,
            Op::WrongGuess if open => self.guesses += 1,
            Op::Expire if self.late && matches!(self.state, Pending | Issued) => self.state = TimedOut,
            _ => {}
        }
    }
}

/// Runs the machine and the model side by side; fails on the first difference.
fn run(kind: ChallengeType, ops: &[Op]) -> Result<Challenge, String> {
    let mut subject = challenge(1, kind);
    let mut model = Model { state: State::Pending, guesses: 0, reached: false, late: false };
    for op in ops {
        let now = if model.late { at(SECONDS) } else { at(0) };
        let before = subject.clone();
        if let Some(event) = op.event(&subject)
            && let Ok(transition) = subject.step(event, &policy(), now)
        {
            subject = transition.next;
        }
        model.apply(*op);
        let same = subject.state() == model.state && subject.0.wrong_guesses == model.guesses;
        if !same || (before.state().is_final() && before.state() != subject.state()) {
            return Err(format!("{ops:?}: after {op:?} {subject:?} is not {model:?}"));
        }
    }
    Ok(subject)
}

#[test]
fn r11_no_sequence_of_eight_events_leaves_the_model_or_a_final_state() {
    // States and counts decide what can follow, so sequences are walked breadth first over those that differ.
    type Frontier = Vec<(Vec<Op>, Challenge)>;
    let mut frontier: Frontier = vec![(Vec::new(), challenge(1, ChallengeType::Code))];
    let mut steps = 0;
    for _ in 0..8 {
        let mut next: Frontier = Vec::new();
        let mut seen = BTreeSet::new();
        for (ops, _) in &frontier {
            for op in OPS {
                let mut ops = ops.clone();
                ops.push(op);
                let reached = run(ChallengeType::Code, &ops).unwrap();
                steps += 1;
                let late = ops.contains(&Op::Wait);
                let (guesses, secrets) = (reached.0.wrong_guesses, reached.0.wrong_secrets);
                if seen.insert((format!("{}", reached.state()), guesses, secrets, reached.0.reached, late)) {
                    next.push((ops, reached));
                }
            }
        }
        frontier = next;
    }
    assert!(steps > 500, "the walk reached only {steps} steps");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn r11_random_sequences_follow_the_model(
        ops in proptest::collection::vec(proptest::sample::select(&OPS[..]), 1..24),
        kind in proptest::sample::select(&[ChallengeType::Code, ChallengeType::Totp, ChallengeType::Sms][..]),
    ) {
        prop_assert!(run(kind, &ops).is_ok(), "{:?}", run(kind, &ops));
    }
}

#[test]
fn r11_the_model_catches_a_machine_that_forgets_attempts() {
    // The control: a challenge whose count was reset in between no longer follows the model.
    let mut model = Model { state: State::Issued, guesses: 5, reached: false, late: false };
    model.apply(Op::Approve);
    assert_eq!(model.state, State::Issued, "five wrong guesses close it");
    let forgetful = challenge(1, ChallengeType::Code).step(issue(true), &policy(), at(0)).unwrap().next;
    let passed = forgetful.step(right(&forgetful, ChallengeType::Code, true), &policy(), at(0)).unwrap().next;
    assert_ne!(passed.state(), model.state);
}

#[test]
fn r15_time_is_over_at_the_timeout_and_not_before() {
    let issued = challenge(1, ChallengeType::Code).step(issue(true), &policy(), at(0)).unwrap().next;
    let answer = |now| issued.step(right(&issued, ChallengeType::Code, true), &policy(), now).map(|done| done.outcome);
    let just_before = Timestamp::from_millis(at(SECONDS).as_millis() - 1);
    assert_eq!(answer(just_before), Ok(Outcome::Passed));
    assert_eq!(answer(at(SECONDS)), Err(Refused::TimedOut));
    assert_eq!(answer(at(SECONDS + 1)), Err(Refused::TimedOut));
    assert_eq!(answer(Timestamp::MAX), Err(Refused::TimedOut));
    assert_eq!(issued.state_at(just_before), State::Issued);
    assert_eq!(issued.state_at(at(SECONDS)), State::TimedOut);
}

#[test]
fn r3_wrong_answers_are_counted_to_their_limit_and_then_the_right_one_is_refused() {
    for (guessable, limit) in [(true, 5), (false, 100)] {
        let mut subject = challenge(1, ChallengeType::Code).step(issue(true), &policy(), at(0)).unwrap().next;
        for count in 1..=limit {
            assert!(subject.accepts_answers(&policy(), at(0)).is_ok(), "r8: {} wrong answers leave it open", count - 1);
            subject = subject.step(wrong(guessable), &policy(), at(0)).unwrap().next;
            assert_eq!(subject.wrong_answers(), count);
        }
        assert_eq!(subject.step(wrong(guessable), &policy(), at(0)).unwrap_err(), Refused::Exhausted);
        let right = right(&subject, ChallengeType::Code, true);
        assert_eq!(subject.step(right, &policy(), at(0)).unwrap_err(), Refused::Exhausted);
    }
}

#[test]
fn r12_a_proof_of_another_challenge_or_type_passes_nothing() {
    let [first, second] =
        [1, 2].map(|n| challenge(n, ChallengeType::Code).step(issue(true), &policy(), at(0)).unwrap().next);
    let foreign = right(&second, ChallengeType::Code, true);
    assert_eq!(first.step(foreign, &policy(), at(0)).unwrap_err(), Refused::ForeignProof);
    let other_type = right(&first, ChallengeType::Totp, true);
    assert_eq!(first.step(other_type, &policy(), at(0)).unwrap_err(), Refused::ForeignProof);
    let own = right(&first, ChallengeType::Code, true);
    assert_eq!(first.step(own, &policy(), at(0)).unwrap().outcome, Outcome::Passed);
}

#[test]
fn issuing_orders_the_deliveries_and_ending_forgets_the_secrets() {
    let endpoint = "0".repeat(40).parse().unwrap();
    let event = Event::Issue(Issue {
        answerable: true,
        link: Some(mac()),
        public_challenge: None,
        deliveries: vec![(ChallengeType::Sms, endpoint)],
    });
    let issued = challenge(1, ChallengeType::Sms).step(event, &policy(), at(0)).unwrap();
    assert_eq!(issued.effects, [Effect::Deliver { channel: ChallengeType::Sms, endpoint }]);
    assert!(issued.next.link().is_some());
    let passed = issued.next.step(right(&issued.next, ChallengeType::Sms, true), &policy(), at(1)).unwrap().next;
    assert!(passed.link().is_none() && passed.answer_data().is_none());
    assert_eq!(passed.answered_at(), Some(at(1)));
}

#[test]
fn issuing_keeps_what_an_assertion_has_to_sign() {
    let public = PublicChallenge::generate(&OsEntropy).unwrap();
    let signed = *public.as_bytes();
    let event =
        Event::Issue(Issue { answerable: true, link: None, public_challenge: Some(public), deliveries: Vec::new() });
    let issued = challenge(1, ChallengeType::Webauthn).step(event, &policy(), at(0)).unwrap().next;
    assert_eq!(issued.public_challenge().map(PublicChallenge::as_bytes), Some(&signed));
}

#[test]
fn r38_a_replacement_touches_nothing_but_its_fields() {
    let pending = challenge(1, ChallengeType::Code);
    let mut other = draft(ChallengeType::Totp);
    other.timeout = Timeout::from_seconds(60).unwrap();
    let replaced = pending.step(Event::Replace(Replacement(other)), &policy(), at(5)).unwrap().next;
    assert_eq!(replaced.id(), pending.id());
    assert_eq!(replaced.owner(), pending.owner());
    assert_eq!(replaced.created(), pending.created());
    assert_eq!(replaced.state(), State::Pending);
    assert_eq!(replaced.expires(), at(60));
    assert!(replaced.types().offer(ChallengeType::Totp) && !replaced.types().offer(ChallengeType::Code));
}

#[test]
fn a_one_time_use_action_is_not_replaceable_in_any_state() {
    let pending = challenge(1, ChallengeType::OneTimeUseAction);
    let issued = pending.step(issue(true), &policy(), at(0)).unwrap().next;
    let passed = issued.step(right(&issued, ChallengeType::OneTimeUseAction, true), &policy(), at(0)).unwrap().next;
    for subject in [pending, issued, passed] {
        let event = Event::Replace(Replacement(draft(ChallengeType::Code)));
        assert_eq!(subject.step(event, &policy(), at(0)).unwrap_err(), Refused::NotReplaceable);
    }
}

#[test]
fn r16_a_challenge_at_the_end_of_time_does_not_overflow() {
    let id = ChallengeId(Id::new(Timestamp::MAX, OwnerTag::new(1), 1));
    let last = Challenge::pending(id, Owner::user("alice").unwrap(), Timestamp::MAX, draft(ChallengeType::Code));
    assert_eq!(last.state_at(Timestamp::MAX), State::TimedOut, "fails closed");
}

#[test]
fn types_keep_the_form_in_which_they_were_named() {
    let both = Types::new(Some(ChallengeType::Code), Some(vec![ChallengeType::Totp, ChallengeType::Totp])).unwrap();
    assert_eq!(both.one(), Some(ChallengeType::Code));
    assert_eq!(both.list(), Some(&[ChallengeType::Totp][..]));
    assert!(both.offer(ChallengeType::Code) && both.offer(ChallengeType::Totp) && !both.offer(ChallengeType::Sms));
    assert!(Types::new(None, None).is_err() && Types::new(None, Some(Vec::new())).is_err());
    assert!(Types::new(None, Some(vec![ChallengeType::OneTimeUseAction])).is_err());
}
