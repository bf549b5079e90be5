use std::time::Duration;

use challenges_core::endpoints::{Address, PhoneNumber};
use challenges_core::outbox::Retry;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Error, Policy, State, Timestamp};
use challenges_testkit::administrator;

use crate::courier::{Scripted, Step};
use crate::harness::{Host, START, owner, passed, refused, service};

const CODE: ChallengeType = ChallengeType::Code;

/// R16: the expiry is stored, so that neither a clock set back nor a restart revives the challenge.
#[tokio::test]
async fn clock_set_back_revives_no_challenge() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    host.clock.advance(Duration::from_secs(601));
    assert_eq!(host.challenges.get(id).await.unwrap().state_at(host.challenges.now()), State::TimedOut);
    host.clock.set(Timestamp::from_seconds(START + 1));
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    assert_eq!(host.challenges.get(id).await.unwrap().state(), State::TimedOut);
    let restarted = service(host.store.clone(), Policy::default(), host.clock.clone(), ()).await;
    assert!(refused(restarted.answer(Answer::allow(id, CODE, code.expose())).await));
}

/// R16: a used TOTP code stays used.
#[tokio::test]
async fn clock_set_back_allows_no_code_reuse() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let [first, second] =
        [host.create("alice", ChallengeType::Totp).await, host.create("alice", ChallengeType::Totp).await];
    let code = app.code(host.now());
    assert!(passed(host.answer(first.challenge.id(), ChallengeType::Totp, &code).await));
    host.clock.set(Timestamp::from_seconds(START));
    assert!(refused(host.answer(second.challenge.id(), ChallengeType::Totp, &code).await));
}

/// R16: the service accepts every time that a clock can return.
#[tokio::test]
async fn extreme_times_neither_panic_nor_pass() {
    for time in [Timestamp::default(), Timestamp::MAX] {
        let host = Host::new().await;
        let early = host.create("alice", CODE).await;
        host.clock.set(time);
        let spec = ChallengeSpec::new(CODE).unwrap();
        let late = host.challenges.create(owner("alice"), spec).await;
        assert!(matches!(late, Err(Error::Clock)), "a new challenge would have expired already: {late:?}");
        assert!(host.challenges.totp().create(owner("alice"), &administrator()).await.is_ok());
        let answer = host.answer(early.challenge.id(), CODE, early.code.unwrap().expose()).await;
        assert_eq!(passed(answer), time == Timestamp::default(), "the latest time is after every timeout");
        assert!(host.challenges.sweep(10).await.is_ok());
    }
}

#[tokio::test]
async fn sweep_deletes_only_records_past_their_retention() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let created = host.create("alice", CODE).await;
    host.clock.advance(Duration::from_secs(600 + 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert!(host.challenges.get(created.challenge.id()).await.is_ok(), "readable for a day after the timeout");
    host.clock.advance(Duration::from_secs(1));
    assert_eq!(host.challenges.sweep(100).await.unwrap(), 1, "the challenge");
    assert!(host.challenges.get(created.challenge.id()).await.is_err());
    host.clock.advance(Duration::from_secs(5_400));
    assert_eq!(host.challenges.sweep(100).await.unwrap(), 1, "the counters");
    assert_eq!(host.challenges.totp().list(&owner("alice"), None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn counters_without_failures_expire() {
    let host = Host::new().await;
    let (enrollment, _) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    host.challenges.totp().delete(&owner("alice"), &administrator(), enrollment.id()).await.unwrap();
    host.clock.advance(Duration::from_secs(86_400 + 5_400));
    host.challenges.sweep(100).await.unwrap();
    assert!(!host.dump().await.contains("alice"));
}

/// R16: a clock that was ahead for a moment stops issuing for a minute, and revives nothing in this minute.
#[tokio::test]
async fn jump_ahead_stops_issuing_for_a_minute() {
    let host = Host::new().await;
    let before = host.create("alice", CODE).await;
    host.clock.set(Timestamp::from_seconds(START + 3_600));
    let ahead = host.create("alice", CODE).await;
    host.clock.set(Timestamp::from_seconds(START + 1));
    let spec = || ChallengeSpec::new(CODE).unwrap();
    let refused = host.challenges.create(owner("alice"), spec()).await;
    assert!(matches!(refused, Err(Error::Clock)), "control: {refused:?}");
    let state = host.challenges.get(before.challenge.id()).await.unwrap().state_at(host.challenges.now());
    assert_eq!(state, State::TimedOut, "the latest time is in force");
    host.clock.advance(Duration::from_secs(60));
    let after = host.challenges.create(owner("alice"), spec()).await.unwrap();
    for created in [before, ahead, after] {
        assert!(passed(host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await));
    }
}

/// R16: a message queued while the clock was ahead leaves once the clock is right again.
#[tokio::test]
async fn message_of_a_jump_ahead_leaves_after_the_jump() {
    let mut policy = Policy::default();
    policy.default_timeout = Duration::from_secs(7_200);
    let host = Host::with_policy(policy).await;
    let number: PhoneNumber = "+4915112345678".parse().unwrap();
    let endpoints = host.challenges.endpoints();
    endpoints.register_confirmed(owner("alice"), &administrator(), Address::Phone(number)).await.unwrap();
    host.clock.set(Timestamp::from_seconds(START + 86_400));
    let _ = host.create("alice", ChallengeType::Sms).await;
    host.clock.set(Timestamp::from_seconds(START));
    for _ in 0..3 {
        let _ = host.challenges.now();
        host.clock.advance(Duration::from_secs(30));
    }
    let courier = Scripted::new(&host.clock, []);
    let outbox = host.challenges.outbox();
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().performed, 0, "control: due tomorrow");
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().performed, 1);

    // The control: a retry that waits as long as any is left alone.
    host.clock.advance(Duration::from_secs(60));
    let _ = host.create("alice", ChallengeType::Sms).await;
    let wait = Duration::from_secs(3_600);
    courier.script([Step::Fail(Retry::Later(Some(wait)))]);
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().retried, 1);
    assert_eq!(outbox.next_due().await.unwrap(), Some(host.now().after(wait)));
}
