#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use challenges_core::State;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::Action;
use todc_utils::specifications::Specification;

use super::history::{Began, History};
use super::search::MOST_CALLS;
use super::*;

type Challenges = History<Call, Return>;

/// Returns a history of sequential calls with their results.
fn one_by_one(calls: &[(Call, Return)]) -> Challenges {
    let mut history = History::default();
    for (call, result) in calls {
        let began = history.began(*call);
        history.ended(began, Ended::Returned(*result));
    }
    history
}

/// Returns a history of calls that all overlap, with their results.
fn at_once(calls: &[(Call, Return)]) -> Challenges {
    let mut history = History::default();
    let began: Vec<_> = calls.iter().map(|(call, _)| history.began(*call)).collect();
    for (began, (_, result)) in began.into_iter().zip(calls) {
        history.ended(began, Ended::Returned(*result));
    }
    history
}

fn is_explained(history: &Challenges) -> bool {
    check(history, OneChallenge::pending(0, 2)).is_ok()
}

const ISSUE: (Call, Return) = (Call::Replace { particulars: 1, issue: true }, stands(State::Issued, 1, 0));
const ALLOW: Call = Call::Right { allowed: true };
const DECLINE: Call = Call::Right { allowed: false };
const PASSED: Return = Return::Passed { particulars: 1 };

const fn stands(state: State, particulars: u32, wrong: u32) -> Return {
    Return::Stands { state, particulars, wrong }
}

/// R54: histories that one challenge allows are accepted.
#[test]
fn r54_valid_challenge_histories_are_explained() {
    assert!(is_explained(&one_by_one(&[
        (Call::Read, stands(State::Pending, 0, 0)),
        (ALLOW, Return::Refused),
        ISSUE,
        (Call::Wrong(1), Return::Refused),
        (Call::Wrong(1), Return::Refused),
        (Call::Read, stands(State::Issued, 1, 1)),
        (Call::Replace { particulars: 2, issue: false }, stands(State::Issued, 1, 1)),
        (ALLOW, PASSED),
        (DECLINE, Return::Refused),
        (Call::Delete, Return::Deleted),
        (ALLOW, Return::NotFound),
    ])));
    assert!(is_explained(&at_once(&[(ALLOW, PASSED), (DECLINE, Return::Refused), ISSUE])));
    assert!(is_explained(&Challenges::default()));
}

/// R54: lost updates, second outcomes and uncounted answers are rejected.
#[test]
fn r54_lost_update_is_not_explained() {
    let mut twice = one_by_one(&[ISSUE]);
    for (call, result) in [(ALLOW, PASSED), (ALLOW, PASSED)] {
        let began = twice.began(call);
        twice.ended(began, Ended::Returned(result));
    }
    assert!(!is_explained(&twice));
    assert!(!is_explained(&at_once(&[ISSUE, (ALLOW, PASSED), (ALLOW, PASSED)])), "two passed");
    assert!(!is_explained(&at_once(&[ISSUE, (ALLOW, PASSED), (DECLINE, Return::Declined)])), "two outcomes");
    assert!(!is_explained(&at_once(&[(Call::Delete, Return::Deleted), (Call::Delete, Return::Deleted)])));
    let uncounted = [ISSUE, (Call::Wrong(1), Return::Refused), (Call::Read, stands(State::Issued, 1, 0))];
    assert!(!is_explained(&one_by_one(&uncounted)), "a wrong answer was not counted");
    let beyond = [ISSUE, (Call::Wrong(1), Return::Refused), (Call::Wrong(2), Return::Refused), (ALLOW, PASSED)];
    assert!(!is_explained(&one_by_one(&beyond)), "a challenge was passed after the last attempt");
}

/// R54: reads of an older state are rejected, unless they overlap the write.
#[test]
fn r54_stale_read_is_not_explained() {
    let stale = [ISSUE, (Call::Read, stands(State::Pending, 0, 0))];
    assert!(!is_explained(&one_by_one(&stale)));
    assert!(is_explained(&at_once(&stale)), "a concurrent read may come first");
    let revived = [ISSUE, (ALLOW, PASSED), (Call::Read, stands(State::Issued, 1, 0))];
    assert!(!is_explained(&one_by_one(&revived)));
    let report = check(&one_by_one(&revived), OneChallenge::pending(0, 2)).unwrap_err().to_string();
    assert!(report.contains("at most 2 can be put in order"), "{report}");
}

/// R54: a call with an unknown outcome takes effect late or never, but not early.
#[test]
fn r54_unknown_outcome_never_takes_effect_early() {
    let read = |state, particulars| (Call::Read, stands(state, particulars, 0));
    for (reads, explained) in [
        (vec![read(State::Pending, 0), read(State::Pending, 0)], true),
        (vec![read(State::Pending, 0), read(State::Issued, 1)], true),
        (vec![read(State::Issued, 1), read(State::Pending, 0)], false),
    ] {
        let mut history = Challenges::default();
        let lost = history.began(ISSUE.0);
        history.ended(lost, Ended::Unknown);
        for (call, result) in &reads {
            let began = history.began(*call);
            history.ended(began, Ended::Returned(*result));
        }
        assert_eq!(is_explained(&history), explained, "{history}");
        assert_eq!(history.len(), 3);
    }
    let mut early = one_by_one(&[read(State::Issued, 1)]);
    let lost = early.began(ISSUE.0);
    early.ended(lost, Ended::Unknown);
    assert!(!is_explained(&early), "a call took effect before it began");
    let mut void = one_by_one(&[]);
    let none = void.began(ISSUE.0);
    void.ended(none, Ended::WithoutEffect);
    let after = void.began(Call::Read);
    void.ended(after, Ended::Returned(stands(State::Issued, 1, 0)));
    assert!(!is_explained(&void), "a call without effect explained a read");
}

#[test]
fn too_long_history_is_an_error() {
    let mut calls = vec![(Call::Read, stands(State::Pending, 0, 0)); MOST_CALLS];
    assert!(is_explained(&one_by_one(&calls)));
    calls.push((Call::Read, stands(State::Pending, 0, 0)));
    assert_eq!(
        check(&one_by_one(&calls), OneChallenge::pending(0, 2)),
        Err(Unexplained::TooLong { calls: MOST_CALLS + 1 })
    );
}

/// A register for the comparison with another checker. A swap returns the previous value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Register(u8);

#[derive(Clone, Copy, Debug)]
enum Access {
    Swap(u8),
    Read,
}

impl Model for Register {
    type Call = Access;
    type Return = u8;

    fn apply(&mut self, call: &Access) -> u8 {
        match *call {
            Access::Swap(value) => std::mem::replace(&mut self.0, value),
            Access::Read => self.0,
        }
    }
}

/// The register as a specification for the other checker. An unknown result is `None`.
struct Swapped;

impl Specification for Swapped {
    type State = Register;
    type Operation = (Access, Option<u8>);

    fn init() -> Register {
        Register(0)
    }

    fn apply((call, result): &Self::Operation, state: &Register) -> (bool, Register) {
        let mut next = state.clone();
        let returns = next.apply(call);
        (result.is_none_or(|result| result == returns), next)
    }
}

type Theirs = todc_utils::History<(Access, Option<u8>)>;

/// Returns a random history of overlapping calls.
///
/// Each result is correct for some moment of the call, except for an occasional false result.
fn random_history(random: &mut StdRng) -> (History<Access, u8>, Theirs) {
    let (mut history, mut actions, mut register) = (History::default(), Vec::new(), Register(0));
    let mut running: Vec<(usize, Began, Access, Option<u8>)> = Vec::new();
    let mut unknown = Vec::new();
    for process in 0..random.random_range(2..12_usize) {
        let call = if random.random() { Access::Read } else { Access::Swap(random.random_range(1..4)) };
        actions.push((process, Action::Call((call, None))));
        running.push((process, history.began(call), call, None));
        while !running.is_empty() && random.random_range(0..3) > 0 {
            let index = random.random_range(0..running.len());
            let (_, _, call, result) = &mut running[index];
            result.get_or_insert_with(|| register.apply(call));
            if random.random() {
                let (process, began, call, result) = running.remove(index);
                let lie = random.random_range(0..12) == 0;
                let result = result.map(|result| if lie { random.random_range(0..4) } else { result });
                if random.random_range(0..6) == 0 {
                    history.ended(began, Ended::Unknown);
                    unknown.push((process, Action::Response((call, None))));
                } else {
                    history.ended(began, Ended::Returned(result.unwrap()));
                    actions.push((process, Action::Response((call, result))));
                }
            }
        }
    }
    for (process, began, call, _) in running {
        history.ended(began, Ended::Unknown);
        unknown.push((process, Action::Response((call, None))));
    }
    // The other checker requires every call to end. A call that ends last can be ordered last, where no result depends
    // on the call.
    actions.extend(unknown);
    (history, Theirs::from_actions(actions))
}

/// R54: another checker gives the same verdict on 20,000 random histories.
#[test]
fn r54_independent_checker_agrees_on_random_histories() {
    let mut random = StdRng::seed_from_u64(54);
    let (mut explained, mut rejected) = (0, 0);
    for _ in 0..20_000 {
        let (history, theirs) = random_history(&mut random);
        let ours = check(&history, Register(0)).is_ok();
        assert_eq!(ours, WGLChecker::<Swapped>::is_linearizable(theirs), "{history}");
        if ours { explained += 1 } else { rejected += 1 }
    }
    println!("random histories: {explained} explained, {rejected} rejected, by both checkers");
    assert!(explained > 1_000 && rejected > 1_000, "{explained} and {rejected}");
}
