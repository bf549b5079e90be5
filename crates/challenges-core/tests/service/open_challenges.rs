//! The cap on open challenges of a user.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::Store as _;
use challenges_core::approvals::OneTimeUseAction;
use challenges_core::store::Kind;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, CreatedChallenge, Error, Invalid, Owner, Policy,
    State, Timeout,
};
use challenges_testkit::Yielding;

use crate::harness::{Host, owner, passed, service};

const CODE: ChallengeType = ChallengeType::Code;

async fn host(open_challenges: usize) -> Host {
    let mut policy = Policy::default();
    policy.open_challenges = open_challenges;
    Host::with_policy(policy).await
}

async fn create(challenges: &Challenges, kind: ChallengeType) -> Result<CreatedChallenge, Error> {
    challenges.create(owner("alice"), ChallengeSpec::new(kind).unwrap()).await
}

fn is_capped<T>(created: &Result<T, Error>, cap: usize) -> bool {
    matches!(created, Err(Error::Invalid(Invalid::TooMany { field: "open_challenges", max })) if *max == cap)
}

/// R65: 256 by default, of all types together.
#[tokio::test]
async fn open_challenges_of_a_user_are_capped() {
    let host = Host::new().await;
    for number in 0..256 {
        let kind = if number % 2 == 0 { CODE } else { ChallengeType::Totp };
        assert!(create(&host.challenges, kind).await.is_ok(), "{number}");
    }
    for kind in [CODE, ChallengeType::Totp] {
        let refused = create(&host.challenges, kind).await;
        assert!(is_capped(&refused, 256), "{refused:?}");
        assert_eq!(
            refused.unwrap_err().to_string(),
            "Policy::open_challenges allows at most 256; use fewer, or raise the cap"
        );
    }
    let pending = ChallengeSpec::new(CODE).unwrap().pending();
    assert!(is_capped(&host.challenges.create(owner("alice"), pending).await, 256));
    assert!(is_capped(&create_action(&host).await, 256));
    let _ = host.create("bob", CODE).await;
    assert_eq!(host.challenges.list(&owner("alice"), None, 500).await.unwrap().len(), 256);
}

async fn create_action(host: &Host) -> Result<ChallengeId, Error> {
    let actor = Owner::in_tenant("org", "boss").unwrap();
    let action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    Ok(host.challenges.actions().create(owner("alice"), action).await?.challenge.id())
}

/// R65: the cap is checked in the commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_creates_cannot_pass_the_cap() {
    let host = host(8).await;
    let store = Yielding::sharing(Arc::clone(&host.store));
    let mut policy = Policy::default();
    policy.open_challenges = 8;
    let challenges = service(store, policy, host.clock.clone(), ()).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let challenges = challenges.clone();
        tasks.spawn(async move { create(&challenges, CODE).await });
    }
    let results = tasks.join_all().await;
    assert_eq!(results.iter().filter(|created| created.is_ok()).count(), 8);
    assert_eq!(results.iter().filter(|created| is_capped(created, 8)).count(), 192);
    assert_eq!(host.challenges.list(&owner("alice"), None, 500).await.unwrap().len(), 8);
}

/// R65: an answer or a deletion gives the place back, once.
#[tokio::test]
async fn ended_challenge_gives_its_place_back() {
    let host = host(1).await;
    for end in ["allow", "decline", "delete"] {
        let created = create(&host.challenges, CODE).await.unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        assert!(host.answer(id, CODE, "wrong").await.is_err());
        assert!(is_capped(&create(&host.challenges, CODE).await, 1), "control: a wrong answer ends nothing");
        match end {
            "allow" => assert!(passed(host.answer(id, CODE, code.expose()).await)),
            "decline" => assert!(host.challenges.answer(Answer::decline(id, CODE, code.expose())).await.is_ok()),
            _ => host.challenges.delete(id).await.unwrap(),
        }
        let next = create(&host.challenges, CODE).await.unwrap().challenge.id();
        if end != "delete" {
            host.challenges.delete(id).await.unwrap();
        }
        assert!(is_capped(&create(&host.challenges, CODE).await, 1), "control: the place is given back once");
        host.challenges.delete(next).await.unwrap();
    }
}

/// R65: a decided action gives the place of the asking user back.
#[tokio::test]
async fn actions_count_as_open_challenges() {
    let host = host(1).await;
    let actor = Owner::in_tenant("org", "boss").unwrap();
    let action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    let created = host.challenges.actions().create(owner("alice"), action).await.unwrap();
    assert!(is_capped(&create(&host.challenges, CODE).await, 1));
    let [links] = &created.links[..] else { panic!("one actor") };
    let answer = Answer::approve_action(created.challenge.id(), links.approve.expose());
    assert!(passed(host.challenges.answer(answer).await));
    assert!(create(&host.challenges, CODE).await.is_ok());
}

/// R65: the expiry gives the place back, also of a failed challenge.
#[tokio::test]
async fn expiry_gives_the_place_back() {
    let host = host(1).await;
    for kind in [CODE, ChallengeType::Totp, ChallengeType::Sms] {
        let created = create(&host.challenges, kind).await.unwrap();
        assert_eq!(created.challenge.state() == State::ChallengeFailed, kind != CODE);
        host.clock.advance(Duration::from_secs(599));
        assert!(is_capped(&create(&host.challenges, CODE).await, 1), "{kind:?}");
        host.clock.advance(Duration::from_secs(1));
    }
    assert!(create(&host.challenges, CODE).await.is_ok());
}

/// R65: a replacement moves the expiry of the place.
#[tokio::test]
async fn replaced_timeout_moves_the_place() {
    let host = host(1).await;
    let spec = || ChallengeSpec::new(CODE).unwrap().pending();
    let id = host.challenges.create(owner("alice"), spec()).await.unwrap().challenge.id();
    let longer = spec().with_timeout(Timeout::from_seconds(3_600).unwrap());
    host.challenges.replace(id, longer).await.unwrap();
    host.clock.advance(Duration::from_secs(600));
    assert!(is_capped(&create(&host.challenges, CODE).await, 1));
    let shorter = spec().with_timeout(Timeout::from_seconds(700).unwrap());
    host.challenges.replace(id, shorter).await.unwrap();
    host.clock.advance(Duration::from_secs(100));
    assert!(create(&host.challenges, CODE).await.is_ok());
}

/// R65: counters without failures expire after the last open challenge.
#[tokio::test]
async fn sweep_keeps_the_places_of_open_challenges() {
    let mut policy = Policy::default();
    (policy.open_challenges, policy.retention) = (1, Duration::from_secs(60));
    let host = Host::with_policy(policy).await;
    let day = Timeout::from_seconds(86_400).unwrap();
    let spec = ChallengeSpec::new(CODE).unwrap().with_timeout(day);
    let _ = host.challenges.create(owner("alice"), spec).await.unwrap();
    host.clock.advance(Duration::from_secs(86_399));
    host.challenges.sweep(100).await.unwrap();
    assert!(is_capped(&create(&host.challenges, CODE).await, 1));
    host.clock.advance(Duration::from_secs(62 + 60 / 16));
    assert_eq!(host.challenges.sweep(100).await.unwrap(), 2, "control: the challenge and the counters");
}

/// Stores index the expiry, so a constant expiry saves a write to the index. Control: a creation much later moves the expiry.
#[tokio::test]
async fn answer_keeps_the_expiry_of_the_counters() {
    let host = Host::new().await;
    let policy = Policy::default();
    let expiry = async || {
        let [counters] = &host.store.list(Kind::Counters, None, None, 2).await.unwrap()[..] else { panic!("one user") };
        counters.record.expires.unwrap()
    };

    let created = host.create("alice", CODE).await;
    let after_creation = expiry().await;
    host.clock.advance(Duration::from_secs(60));
    assert!(passed(host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await));
    assert_eq!(expiry().await, after_creation);

    let at_least = created.challenge.expires().after(policy.retention);
    assert!(at_least <= after_creation && after_creation < at_least.after(policy.retention / 16));

    host.clock.advance(policy.retention);
    let _ = host.create("alice", CODE).await;
    assert!(expiry().await > after_creation, "control");
}
