#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::request::{ApprovalRequest, CodeMac, Link, Request, StoredSpec, TypesRequest};
use super::*;
use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::entropy::OsEntropy;
use crate::error::Refused;
use crate::id::{ChallengeId, Id};
use crate::keyring::{KeyRing, Mac};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::timeout::Timeout;
use crate::webauthn::PublicChallenge;

const START: u64 = 1_000_000;
const SECONDS: u64 = 600;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(START + seconds)
}

fn policy() -> Policy {
    Policy::default()
}

fn timeout(seconds: u64) -> Timeout {
    Timeout::from_seconds(seconds).unwrap()
}

fn challenge(random: u128, kind: ChallengeType) -> Challenge {
    offering(random, kind.into())
}

/// A challenge of these types; a code among them is short.
fn offering(random: u128, types: ChallengeTypes) -> Challenge {
    let code = types.contains(ChallengeType::Code).then(|| CodeMac { mac: mac(), guessable: true });
    let spec = StoredSpec { types, ..spec(ChallengeType::Code) };
    pending(random, at(0), Request::Types(Box::new(TypesRequest { code, ..TypesRequest::new(spec) })))
}

fn action() -> Challenge {
    pending(1, at(0), Request::Approval(ApprovalRequest { open: None, entries: Vec::new() }))
}

fn pending(random: u128, now: Timestamp, request: Request) -> Challenge {
    let id = ChallengeId(Id::new(now, 1, random));
    Challenge::pending(id, Owner::user("alice").unwrap(), now, timeout(SECONDS), request)
}

fn spec(kind: ChallengeType) -> StoredSpec {
    StoredSpec {
        types: kind.into(),
        send_now: true,
        response_uri: None,
        origin: None,
        endpoints: Vec::new(),
        answer_data: None,
    }
}

fn replace(kind: ChallengeType, seconds: u64) -> Event {
    Event::Replace(Replacement { spec: spec(kind), timeout: timeout(seconds) })
}

fn mac() -> Mac {
    let ring = KeyRing::new("k", [1; 32]).unwrap();
    ring.mac(action().place(), "wrong")
}

fn link() -> Link {
    Link { mac: mac(), code: None, delivered: false, recalls: 0 }
}

fn issue(answerable: bool) -> Event {
    Event::Issue(Issue {
        answerable,
        link: Some(link()),
        email_link: None,
        public_challenge: None,
        deliveries: Vec::new(),
    })
}

fn right(challenge: &Challenge, kind: ChallengeType, allowed: bool) -> Event {
    let answer = if allowed { Answer::allow } else { Answer::decline };
    let verdict = Verdict::Right(Proof::new(challenge, &answer(challenge.id(), kind, "")));
    Event::Answer { class: class(kind), verdict, fingerprint: mac() }
}

fn wrong(class: AnswerClass) -> Event {
    Event::Answer { class, verdict: Verdict::Wrong { rejected: None }, fingerprint: mac() }
}

/// The guessable class of a type: a short code, a TOTP code, or the number with a link.
fn class(kind: ChallengeType) -> AnswerClass {
    match kind {
        ChallengeType::Totp => AnswerClass::Totp,
        ChallengeType::Code => AnswerClass::Code,
        ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email => AnswerClass::Number,
        ChallengeType::Webauthn => AnswerClass::Assertion,
        ChallengeType::RecoveryCode => AnswerClass::RecoveryCode,
    }
}

/// An event that can be repeated and compared.
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
        let kind = challenge.types().unwrap().iter().next().unwrap();
        Some(match self {
            Self::Replace => replace(kind, SECONDS),
            Self::Issue => issue(true),
            Self::IssueInVain => issue(false),
            Self::Approve => right(challenge, kind, true),
            Self::Decline => right(challenge, kind, false),
            Self::WrongGuess => wrong(class(kind)),
            Self::WrongSecret => wrong(AnswerClass::Secret),
            Self::Resend => Event::Resend(Resend { link: Some(link()), email_link: None, deliveries: Vec::new() }),
            Self::Delivered => Event::Delivered,
            Self::DeliveryFailed => Event::DeliveryFailed,
            Self::Expire => Event::Expire,
            Self::Wait => return None,
        })
    }
}

/// The diagram of the contract, written again without the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    state: State,
    guesses: u32,
    reached: bool,
    late: bool,
    /// Whether the type sends a link.
    sends: bool,
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
            Op::Resend if open && self.sends => self.reached = false,
            Op::Delivered if open => self.reached = true,
            Op::DeliveryFailed if open && !self.reached => self.state = ChallengeFailed,
            Op::WrongGuess if open => self.guesses += 1,
            Op::Expire if self.late && matches!(self.state, Pending | Issued) => self.state = TimedOut,
            _ => {}
        }
    }
}

fn delivered(challenge: &Challenge) -> bool {
    challenge.by_types().and_then(|request| request.link.as_ref()).is_some_and(|link| link.delivered)
}

/// Runs the machine and the model side by side, and fails on the first difference.
fn run(kind: ChallengeType, ops: &[Op]) -> Result<Challenge, String> {
    let mut tested = challenge(1, kind);
    let sends = kind == ChallengeType::Sms;
    let mut model = Model { state: State::Pending, guesses: 0, reached: false, late: false, sends };
    for op in ops {
        let now = if model.late { at(SECONDS) } else { at(0) };
        let before = tested.clone();
        if let Some(event) = op.event(&tested)
            && let Ok(transition) = tested.step(event, &policy(), now)
        {
            tested = transition.next;
        }
        model.apply(*op);
        let same = tested.state() == model.state && tested.0.wrong.of(class(kind)) == model.guesses;
        if !same || (before.state().is_final() && before.state() != tested.state()) {
            return Err(format!("{ops:?}: after {op:?} {tested:?} is not {model:?}"));
        }
    }
    Ok(tested)
}

#[test]
fn r11_every_eight_events_follow_the_model() {
    // States and counts decide the next step, so the walk is breadth first over distinct ones.
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
                let [guesses, secrets] =
                    [AnswerClass::Code, AnswerClass::Secret].map(|class| reached.0.wrong.of(class));
                if seen.insert((format!("{}", reached.state()), guesses, secrets, delivered(&reached), late)) {
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
        kind in proptest::sample::select(&[ChallengeType::Code, ChallengeType::Totp, ChallengeType::Sms, ChallengeType::RecoveryCode][..]),
    ) {
        prop_assert!(run(kind, &ops).is_ok(), "{:?}", run(kind, &ops));
    }
}

#[test]
fn r11_model_catches_a_machine_that_forgets_attempts() {
    // The control: a challenge whose count was reset no longer follows the model.
    let mut model = Model { state: State::Issued, guesses: 5, reached: false, late: false, sends: false };
    model.apply(Op::Approve);
    assert_eq!(model.state, State::Issued, "five wrong guesses close it");
    let forgetful = challenge(1, ChallengeType::Code).step(issue(true), &policy(), at(0)).unwrap().next;
    let passed = forgetful.step(right(&forgetful, ChallengeType::Code, true), &policy(), at(0)).unwrap().next;
    assert_ne!(passed.state(), model.state);
}

#[test]
fn r15_challenge_expires_exactly_at_its_timeout() {
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
fn r3_right_answer_is_refused_after_the_limit() {
    for (kind, class, limit) in
        [(ChallengeType::Code, AnswerClass::Code, 5), (ChallengeType::Sms, AnswerClass::Link, 100)]
    {
        let mut tested = challenge(1, kind).step(issue(true), &policy(), at(0)).unwrap().next;
        for count in 1..=limit {
            assert!(tested.accepts_answers(&policy(), at(0)).is_ok(), "r8: {} wrong answers leave it open", count - 1);
            tested = tested.step(wrong(class), &policy(), at(0)).unwrap().next;
            assert_eq!(tested.wrong_answers(), count);
        }
        assert_eq!(tested.step(wrong(class), &policy(), at(0)).unwrap_err(), Refused::Exhausted);
        let right = right(&tested, kind, true);
        assert_eq!(tested.step(right, &policy(), at(0)).unwrap_err(), Refused::Exhausted);
    }
}

#[test]
fn wrong_codes_of_one_factor_leave_others_usable() {
    let types = ChallengeTypes::try_from([ChallengeType::Totp, ChallengeType::Webauthn]).unwrap();
    let mut tested = offering(1, types).step(issue(true), &policy(), at(0)).unwrap().next;
    for _ in 0..5 {
        tested = tested.step(wrong(AnswerClass::Totp), &policy(), at(0)).unwrap().next;
    }
    let totp = right(&tested, ChallengeType::Totp, true);
    assert_eq!(tested.step(totp, &policy(), at(0)).unwrap_err(), Refused::Exhausted, "control: TOTP is exhausted");
    let passkey = right(&tested, ChallengeType::Webauthn, true);
    assert_eq!(tested.step(passkey, &policy(), at(0)).unwrap().outcome, Outcome::Passed);
}

#[test]
fn r12_proof_of_another_challenge_passes_nothing() {
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
fn issue_orders_deliveries_and_end_forgets_secrets() {
    let endpoint = "0".repeat(40).parse().unwrap();
    let event = Event::Issue(Issue {
        answerable: true,
        link: Some(link()),
        email_link: None,
        public_challenge: None,
        deliveries: vec![(ChallengeType::Sms, endpoint)],
    });
    let issued = challenge(1, ChallengeType::Sms).step(event, &policy(), at(0)).unwrap();
    assert_eq!(issued.effects, [Effect::Deliver { channel: ChallengeType::Sms, endpoint }]);
    assert!(issued.next.link(ChallengeType::Sms).is_some());
    let passed = issued.next.step(right(&issued.next, ChallengeType::Sms, true), &policy(), at(1)).unwrap().next;
    assert!(passed.link(ChallengeType::Sms).is_none() && passed.answer_data().is_none());
    assert_eq!(passed.answered_at(), Some(at(1)));
}

#[test]
fn issue_keeps_the_public_challenge() {
    let public = PublicChallenge::generate(&OsEntropy).unwrap();
    let signed = *public.as_bytes();
    let event = Event::Issue(Issue {
        answerable: true,
        link: None,
        email_link: None,
        public_challenge: Some(public),
        deliveries: Vec::new(),
    });
    let issued = challenge(1, ChallengeType::Webauthn).step(event, &policy(), at(0)).unwrap().next;
    assert_eq!(issued.public_challenge().map(PublicChallenge::as_bytes), Some(&signed));
}

#[test]
fn r38_replacement_changes_only_its_fields() {
    let pending = challenge(1, ChallengeType::Code);
    let replaced = pending.step(replace(ChallengeType::Totp, 60), &policy(), at(5)).unwrap().next;
    assert_eq!(replaced.id(), pending.id());
    assert_eq!(replaced.owner(), pending.owner());
    assert_eq!(replaced.created(), pending.created());
    assert_eq!(replaced.state(), State::Pending);
    assert_eq!(replaced.expires(), at(60));
    let types = replaced.types().unwrap();
    assert!(types.contains(ChallengeType::Totp) && !types.contains(ChallengeType::Code));
}

#[test]
fn one_time_use_action_is_never_replaceable() {
    let pending = action();
    let issued = pending.step(issue(true), &policy(), at(0)).unwrap().next;
    let proof = Proof::new(&issued, &Answer::approve_action(issued.id(), ""));
    let passed = issued
        .step(
            Event::Answer { class: AnswerClass::Secret, verdict: Verdict::Right(proof), fingerprint: mac() },
            &policy(),
            at(0),
        )
        .unwrap()
        .next;
    assert_eq!(passed.state(), State::ChallengePassed);
    for tested in [pending, issued, passed] {
        let error = tested.step(replace(ChallengeType::Code, SECONDS), &policy(), at(0)).unwrap_err();
        assert_eq!(error, Refused::NotReplaceable);
    }
}

#[test]
fn r16_challenge_at_the_end_of_time_does_not_overflow() {
    let request = Request::Types(Box::new(TypesRequest::new(spec(ChallengeType::Code))));
    let last = pending(1, Timestamp::MAX, request);
    assert_eq!(last.state_at(Timestamp::MAX), State::TimedOut, "fails closed");
}
