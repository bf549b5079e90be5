use std::time::Duration;

use challenges_core::{ChallengeSpec, ChallengeType, Error, Policy, State, Timestamp};

use crate::harness::{Host, START, owner, passed, refused, service};

const CODE: ChallengeType = ChallengeType::Code;

#[tokio::test]
async fn r16_a_clock_that_goes_back_revives_nothing_that_is_over() {
    let host = Host::new().await;
    let created = host.create("alice", CODE).await;
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    host.clock.advance(Duration::from_secs(601));
    assert_eq!(host.challenges.challenge(id).await.unwrap().state_at(host.challenges.now()), State::TimedOut);
    host.clock.set(Timestamp::from_seconds(START + 1));
    assert!(refused(host.answer(id, CODE, code.expose()).await));
    assert_eq!(host.challenges.challenge(id).await.unwrap().state(), State::TimedOut, "and now it is stored");
    let restarted = service(host.store.clone(), Policy::default(), host.clock.clone(), ()).await;
    let answer = challenges_core::Answer::allow(id, CODE, code.expose());
    assert!(refused(restarted.answer(answer).await), "so that a restart does not revive it either");
}

#[tokio::test]
async fn r16_a_clock_that_goes_back_lets_no_code_be_used_again() {
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

#[tokio::test]
async fn r16_extreme_times_neither_panic_nor_pass() {
    for time in [Timestamp::default(), Timestamp::MAX] {
        let host = Host::new().await;
        let early = host.create("alice", CODE).await;
        host.clock.set(time);
        let spec = ChallengeSpec::new(CODE).unwrap();
        let late = host.challenges.create_challenge(owner("alice"), spec).await;
        assert!(matches!(late, Err(Error::Clock)), "it would be over already: {late:?}");
        assert!(host.challenges.create_totp_enrollment(owner("alice")).await.is_ok());
        let answer = host.answer(early.challenge.id(), CODE, early.code.unwrap().expose()).await;
        assert_eq!(passed(answer), time == Timestamp::default(), "the end of time is past every timeout");
        assert!(host.challenges.sweep(10).await.is_ok());
    }
}

#[tokio::test]
async fn sweeping_deletes_what_is_over_for_long_and_nothing_else() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let created = host.create("alice", CODE).await;
    host.clock.advance(Duration::from_secs(600 + 86_400));
    host.challenges.sweep(100).await.unwrap();
    assert!(host.challenges.challenge(created.challenge.id()).await.is_ok(), "readable for a day");
    host.clock.advance(Duration::from_secs(1));
    assert_eq!(host.challenges.sweep(100).await.unwrap(), 1);
    assert!(host.challenges.challenge(created.challenge.id()).await.is_err());
    assert_eq!(host.challenges.totp_enrollments(&owner("alice"), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_user_without_failures_leaves_nothing_behind_for_ever() {
    let host = Host::new().await;
    let created = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    host.challenges.delete_totp_enrollment(&owner("alice"), created.enrollment.id()).await.unwrap();
    host.clock.advance(Duration::from_secs(86_401));
    host.challenges.sweep(100).await.unwrap();
    assert!(!host.dump().await.contains("alice"));
}
