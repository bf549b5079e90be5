//! Model checks of the commit protocol: every order of the store calls of two or three operations, with injected faults.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::store::StoreError;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Error, Owner, Policy, State, Timeout,
    Timestamp,
};
use challenges_proofs::explore::{Explored, Explorer, Scheduler, Trial, Violation};
use challenges_testkit::{Authenticator, Defect, DefectiveStore, FakeClock, administrator};

use crate::harness::{START, owner, service};

const CODE: ChallengeType = ChallengeType::Code;
const LIMIT: u32 = 2;

/// The reply to an answer: whether the answer allowed.
type Reply = Result<bool, Error>;

async fn start(scheduler: &Scheduler, store: DefectiveStore) -> (Challenges, FakeClock) {
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let mut policy = Policy::default();
    policy.secrets_per_challenge = LIMIT;
    let gate = scheduler.gate(Arc::new(store));
    (service(gate, policy, clock.clone(), ()).await, clock)
}

async fn create(challenges: &Challenges) -> (ChallengeId, String) {
    let created = challenges.create(owner("alice"), ChallengeSpec::new(CODE).unwrap()).await.unwrap();
    (created.challenge.id(), created.code.unwrap().expose().to_owned())
}

async fn reply(challenges: Challenges, answer: Answer) -> Reply {
    challenges.answer(answer).await.map(|decision| matches!(decision, Decision::Passed(_)))
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(complaint()) }
}

/// Checks that at most one task received a decision, and that the decision is stored. An error, an unknown outcome
/// included, is no decision.
async fn one_decision(challenges: Challenges, id: ChallengeId, replies: Vec<Option<Reply>>) -> Result<(), String> {
    let state = challenges.get(id).await.ok().map(|challenge| challenge.state());
    let decisions: Vec<bool> = replies.iter().filter_map(|reply| reply.as_ref()?.as_ref().ok().copied()).collect();
    let is_stored = match decisions[..] {
        [] => true,
        [true] => matches!(state, Some(State::ChallengePassed) | None),
        [false] => matches!(state, Some(State::ChallengeDeclined) | None),
        _ => false,
    };
    ensure(is_stored, || format!("the replies {replies:?} left the state {state:?}"))
}

fn expect_sound(name: &str, explored: Result<Explored, Violation>) {
    let explored = explored.unwrap_or_else(|violation| panic!("{name}: {violation}"));
    println!("{name}: {} schedules, {} calls the longest", explored.schedules, explored.longest);
}

fn two_right_answers(faults: usize, store: impl Fn() -> DefectiveStore) -> Result<Explored, Violation> {
    Explorer::new(faults).run(async |scheduler| {
        let (challenges, _) = start(scheduler, store()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |replies| one_decision(after, id, replies));
        for _ in 0..2 {
            trial.task(reply(challenges.clone(), Answer::allow(id, CODE, code.as_str())));
        }
        trial
    })
}

/// R9: in every order of calls, with up to two faults.
#[test]
fn two_right_answers_give_one_decision() {
    expect_sound("two right answers, two faults", two_right_answers(2, DefectiveStore::sound));
}

/// R9: in every order of calls, with up to one fault.
#[test]
fn approval_decline_and_deletion_give_one_decision() {
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |replies| one_decision(after, id, replies));
        trial.task(reply(challenges.clone(), Answer::allow(id, CODE, code.as_str())));
        trial.task(reply(challenges.clone(), Answer::decline(id, CODE, code.as_str())));
        // A deletion returns no decision.
        trial.task(async move {
            let _ = challenges.delete(id).await;
            Err(Error::NotFound)
        });
        trial
    });
    expect_sound("approval, decline and deletion, one fault", result);
}

/// R6: in every order of calls, with up to one fault. Every refused answer is counted, up to the limit.
#[test]
fn concurrent_wrong_answers_close_the_challenge() {
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |replies: Vec<Option<Reply>>| async move {
            let wrong = after.get(id).await.map_err(|error| error.to_string())?.wrong_answers();
            let refused = replies.iter().filter(|reply| matches!(reply, Some(Err(Error::AnswerRefused)))).count();
            // At the limit answers are refused without being compared.
            let counted = usize::try_from(wrong).is_ok_and(|wrong| wrong >= refused.min(2)) && wrong <= LIMIT;
            ensure(counted, || format!("{refused} were refused and {wrong} counted"))?;
            let open = after.answer(Answer::allow(id, CODE, code.as_str())).await.is_ok();
            ensure(open == (wrong < LIMIT), || format!("after {wrong} wrong answers the right one passes: {open}"))
        });
        for text in ["wrong1", "wrong2", "wrong3"] {
            trial.task(reply(challenges.clone(), Answer::allow(id, CODE, text)));
        }
        trial
    });
    expect_sound("three wrong answers, one fault", result);
}

/// R10: in every order of calls, with up to one fault.
#[test]
fn totp_code_passes_only_one_of_two_challenges() {
    const TOTP: ChallengeType = ChallengeType::Totp;
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, clock) = start(scheduler, DefectiveStore::sound()).await;
        let (enrollment, key) = challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(Timestamp::from_seconds(START)).into();
        challenges.totp().confirm(&owner("alice"), &administrator(), enrollment.id(), &code).await.unwrap();
        let code = app.code(clock.advance(Duration::from_secs(30)));
        let mut ids = Vec::new();
        for _ in 0..2 {
            let spec = ChallengeSpec::new(TOTP).unwrap();
            ids.push(challenges.create(owner("alice"), spec).await.unwrap().challenge.id());
        }
        let (after, both) = (challenges.clone(), ids.clone());
        let mut trial = Trial::new(move |replies: Vec<Option<Reply>>| async move {
            let mut passed = 0;
            for id in both {
                let state = after.get(id).await.map_err(|error| error.to_string())?.state();
                passed += usize::from(state == State::ChallengePassed);
            }
            let accepted = replies.iter().filter(|reply| matches!(reply, Some(Ok(_)))).count();
            ensure(accepted <= passed && passed <= 1, || format!("the replies {replies:?} left {passed} passed"))
        });
        for id in ids {
            trial.task(reply(challenges.clone(), Answer::allow(id, TOTP, code.as_str())));
        }
        trial
    });
    expect_sound("one TOTP code for two challenges, one fault", result);
}

/// R52: in every order of calls, with up to one fault.
#[test]
fn outbox_holds_the_actions_of_the_decision() {
    let result = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let actor = |user: &str| Owner::in_tenant("org", user).unwrap();
        let http = HttpAction::new("POST", "https://a.example/approved").unwrap();
        let timeout = Timeout::from_seconds(600).unwrap();
        let mut action = OneTimeUseAction::new(vec![actor("alice"), actor("bob")], timeout);
        action.approved_actions = vec![http];
        let created = challenges.actions().create(owner("alice"), action).await.unwrap();
        let id = created.challenge.id();
        let after = challenges.clone();
        let mut trial = Trial::new(move |replies| async move {
            let state = after.get(id).await.map_err(|error| error.to_string())?.state();
            let queued = after.outbox().list(None, None, 10).await.map_err(|error| error.to_string())?.len();
            let agree = queued == usize::from(state == State::ChallengePassed);
            ensure(agree, || format!("{queued} actions are queued for a challenge in the state {state}"))?;
            one_decision(after, id, replies).await
        });
        for links in created.links {
            trial.task(reply(challenges.clone(), Answer::approve_action(id, links.approve.expose())));
        }
        trial
    });
    expect_sound("two actors, one fault", result);
}

/// R9: negative control.
#[test]
fn control_ignored_conflicts_are_found() {
    let ignores = two_right_answers(0, || DefectiveStore::new(Defect::IgnoresVersions));
    println!("{}", ignores.unwrap_err());
}

/// R9: negative control. A caller that reports success before the commit reports decisions that are never stored.
#[test]
fn control_success_before_commit_is_found() {
    let early = |faults| {
        Explorer::new(faults).run(async |scheduler| {
            let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
            let (id, code) = create(&challenges).await;
            let after = challenges.clone();
            let mut trial = Trial::new(move |replies| one_decision(after, id, replies));
            trial.task(async move {
                let open = challenges.get(id).await?.state() == State::Issued;
                let _ = challenges.answer(Answer::allow(id, CODE, code.as_str())).await;
                if open { Ok(true) } else { Err(Error::AnswerRefused) }
            });
            trial
        })
    };
    assert!(early(0).is_ok(), "only a fault reveals the defect");
    println!("{}", early(1).unwrap_err());
}

/// R9: negative control.
#[test]
fn control_unknown_outcome_taken_for_success_is_found() {
    let hopeful = Explorer::new(1).run(async |scheduler| {
        let (challenges, _) = start(scheduler, DefectiveStore::sound()).await;
        let (id, code) = create(&challenges).await;
        let after = challenges.clone();
        let mut trial = Trial::new(move |replies| one_decision(after, id, replies));
        trial.task(async move {
            match reply(challenges, Answer::allow(id, CODE, code.as_str())).await {
                Err(Error::Store(StoreError::OutcomeUnknown(_))) => Ok(true),
                reply => reply,
            }
        });
        trial
    });
    println!("{}", hopeful.unwrap_err());
}
