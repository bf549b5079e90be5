//! The commit protocol, model-checked: every order of the store's calls of two or three operations, with every fault.

use std::sync::Arc;

use challenges_core::{
    Actor, Answer, Answered, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Error, HttpAction, HttpActionParts,
    OneTimeUseAction, Policy, State, Timeout, Timestamp,
};
use challenges_proofs::explore::{Explored, Explorer, Scheduler, Trial, Violation};
use challenges_testkit::{Authenticator, Defect, DefectiveStore, FakeClock};

use crate::harness::{START, owner, service};

const CODE: ChallengeType = ChallengeType::Code;
const LIMIT: u32 = 2;

/// What an answer gave: whether it allowed.
type Given = Result<bool, Error>;

async fn start(scheduler: &Scheduler, store: DefectiveStore) -> (Challenges, FakeClock) {
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let mut policy = Policy::default();
    policy.secrets_per_challenge = LIMIT;
    let gate = scheduler.gate(Arc::new(store));
    (service(gate, policy, clock.clone(), ()).await, clock)
}

async fn create(challenges: &Challenges) -> (ChallengeId, String) {
    let created = challenges.create_challenge(owner("alice"), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    (created.challenge.id(), created.code.unwrap().expose().to_owned())
}

async fn give(challenges: Challenges, answer: Answer) -> Given {
    challenges.answer(answer).await.map(|answered| matches!(answered, Answered::Passed(_)))
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(complaint()) }
}

/// At most one verdict, and each is stored: an error, unknown outcomes among them, is never one.
async fn one_verdict(challenges: Challenges, id: ChallengeId, given: Vec<Option<Given>>) -> Result<(), String> {
    let state = challenges.challenge(id).await.ok().map(|challenge| challenge.state());
    let verdicts: Vec<bool> = given.iter().filter_map(|given| given.as_ref()?.as_ref().ok().copied()).collect();
    let decided = match verdicts[..] {
        [] => true,
        [true] => matches!(state, Some(State::ChallengePassed) | None),
        [false] => matches!(state, Some(State::ChallengeDeclined) | None),
        _ => false,
    };
    ensure(decided, || format!("{given:?} leaves {state:?}"))
}

fn explored(name: &str, explored: Result<Explored, Violation>) {
    let explored = explored.unwrap_or_else(|violation| panic!("{name}: {violation}"));
    println!("{name}: {} schedules, {} calls the longest", explored.schedules, explored.longest);
}

fn two_right_answers(faults: usize, store: impl Fn() -> DefectiveStore) -> Result<Explored, Violation> {
    Explorer::new(faults).run(async |scheduler| {
        let (challenges, _) = start(scheduler, store()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |given| one_verdict(after, id, given));
        for _ in 0..2 {
            trial.task(give(challenges.clone(), Answer::allow(id, CODE, code.as_str())));
        }
        trial
    })
}

#[test]
fn r9_two_right_answers_give_one_verdict_in_every_order_with_two_faults() {
    explored("two right answers, two faults", two_right_answers(2, DefectiveStore::sound));
}

#[test]
fn r9_approval_decline_and_deletion_give_one_verdict_in_every_order_with_a_fault() {
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |given| one_verdict(after, id, given));
        trial.task(give(challenges.clone(), Answer::allow(id, CODE, code.as_str())));
        trial.task(give(challenges.clone(), Answer::decline(id, CODE, code.as_str())));
        // What it returns is no verdict.
        trial.task(async move {
            let _ = challenges.delete_challenge(id).await;
            Err(Error::NotFound)
        });
        trial
    });
    explored("approval, decline and deletion, one fault", result);
}

#[test]
fn r6_wrong_answers_are_all_counted_and_close_the_challenge_in_every_order_with_a_fault() {
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |given: Vec<Option<Given>>| async move {
            let wrong = after.challenge(id).await.map_err(|error| error.to_string())?.wrong_answers();
            let refused = given.iter().filter(|given| matches!(given, Some(Err(Error::AnswerRefused)))).count();
            // Each that was refused was counted, as far as they are compared at all.
            let counted = usize::try_from(wrong).is_ok_and(|wrong| wrong >= refused.min(2)) && wrong <= LIMIT;
            ensure(counted, || format!("{refused} were refused and {wrong} counted"))?;
            let open = after.answer(Answer::allow(id, CODE, code.as_str())).await.is_ok();
            ensure(open == (wrong < LIMIT), || format!("after {wrong} wrong answers the right one passes: {open}"))
        });
        for text in ["wrong1", "wrong2", "wrong3"] {
            trial.task(give(challenges.clone(), Answer::allow(id, CODE, text)));
        }
        trial
    });
    explored("three wrong answers, one fault", result);
}

#[test]
fn r10_a_totp_code_passes_one_of_two_challenges_in_every_order_with_a_fault() {
    const TOTP: ChallengeType = ChallengeType::Totp;
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, clock) = start(scheduler, DefectiveStore::sound()).await;
        let enrollment = challenges.create_totp_enrollment(owner("alice")).await.unwrap();
        let app = Authenticator::new(enrollment.key.to_base32().expose()).unwrap();
        let code = app.code(Timestamp::from_seconds(START)).into();
        challenges.confirm_totp_enrollment(&owner("alice"), enrollment.enrollment.id(), &code).await.unwrap();
        let code = app.code(clock.advance(std::time::Duration::from_secs(30)));
        let mut ids = Vec::new();
        for _ in 0..2 {
            let spec = ChallengeSpec::new(TOTP).unwrap();
            ids.push(challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge.id());
        }
        let (after, both) = (challenges.clone(), ids.clone());
        let mut trial = Trial::new(move |given: Vec<Option<Given>>| async move {
            let mut passed = 0;
            for id in both {
                let state = after.challenge(id).await.map_err(|error| error.to_string())?.state();
                passed += usize::from(state == State::ChallengePassed);
            }
            let told = given.iter().filter(|given| matches!(given, Some(Ok(_)))).count();
            ensure(told <= passed && passed <= 1, || format!("{given:?}, and {passed} are passed"))
        });
        for id in ids {
            trial.task(give(challenges.clone(), Answer::allow(id, TOTP, code.as_str())));
        }
        trial
    });
    explored("one TOTP code for two challenges, one fault", result);
}

#[test]
fn r52_the_outbox_has_the_actions_of_the_outcome_in_every_order_with_a_fault() {
    const KIND: ChallengeType = ChallengeType::OneTimeUseAction;
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let actor = |user: &str| Actor { user_id: user.to_owned(), org_id: "org".to_owned() };
        let http = HttpAction::new(HttpActionParts::new("POST", "https://a.example/approved")).unwrap();
        let timeout = Timeout::from_seconds(600).unwrap();
        let mut action = OneTimeUseAction::new(vec![actor("alice"), actor("bob")], timeout);
        action.approved_actions = vec![http];
        let created = challenges.create_one_time_use_action(owner("alice"), action).await.unwrap();
        let id = created.challenge.id();
        let after = challenges.clone();
        let mut trial = Trial::new(move |given| async move {
            let state = after.challenge(id).await.map_err(|error| error.to_string())?.state();
            let queued = after.outbox(None, None, 10).await.map_err(|error| error.to_string())?.len();
            let agree = queued == usize::from(state == State::ChallengePassed);
            ensure(agree, || format!("{queued} actions are queued of a challenge that is {state}"))?;
            one_verdict(after, id, given).await
        });
        for secrets in created.secrets {
            trial.task(give(challenges.clone(), Answer::allow(id, KIND, secrets.approve.expose())));
        }
        trial
    });
    explored("two actors, one fault", result);
}

#[test]
fn r9_the_check_finds_conflicts_that_are_ignored() {
    let ignores = two_right_answers(0, || DefectiveStore::new(Defect::IgnoresVersions));
    println!("{}", ignores.unwrap_err());
}

#[test]
fn r9_the_check_finds_a_verdict_that_leaves_before_its_commit() {
    // Whoever decides on what was read, and tells before it is stored, tells what never came to be.
    let early = |faults| {
        Explorer::new(faults).run(async |scheduler| {
            let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
            let (id, code) = create(&challenges).await;
            let after = challenges.clone();
            let mut trial = Trial::new(move |given| one_verdict(after, id, given));
            trial.task(async move {
                let open = challenges.challenge(id).await?.state() == State::Issued;
                let _ = challenges.answer(Answer::allow(id, CODE, code.as_str())).await;
                if open { Ok(true) } else { Err(Error::AnswerRefused) }
            });
            trial
        })
    };
    assert!(early(0).is_ok(), "without a fault nobody would notice");
    println!("{}", early(1).unwrap_err());
}

#[test]
fn r9_the_check_finds_an_unknown_outcome_that_is_taken_for_success() {
    let hopeful = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |given| one_verdict(after, id, given));
        trial.task(async move {
            match give(challenges, Answer::allow(id, CODE, code.as_str())).await {
                Err(Error::Store(challenges_core::store::StoreError::OutcomeUnknown(_))) => Ok(true),
                given => given,
            }
        });
        trial
    });
    println!("{}", hopeful.unwrap_err());
}
