use std::time::Duration;

use challenges_core::machine::Refused;
use challenges_core::{
    Capped, ChallengeSpec, ChallengeType, EndpointRef, EnrollmentState, Error, Factor, Invalid, Owner, Policy, Secret,
    Timestamp,
};

use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, Counting, FakeClock, Yielding};
use futures::FutureExt as _;

use crate::harness::{Host, START, Seen, owner, passed, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;

#[tokio::test]
async fn r2_the_code_that_completed_an_enrollment_answers_nothing() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await));
    host.next_step();
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

#[tokio::test]
async fn r2_a_code_passes_one_challenge_and_an_older_one_none() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(host.create("alice", TOTP).await.challenge.id());
    }
    host.next_step();
    let older = app.code(host.now());
    host.next_step();
    let newer = app.code(host.now());
    assert!(passed(host.answer(ids[0], TOTP, &newer).await));
    assert!(refused(host.answer(ids[1], TOTP, &newer).await), "in another challenge");
    assert!(refused(host.answer(ids[2], TOTP, &older).await), "within the skew, but before the mark");
    host.next_step();
    assert!(passed(host.answer(ids[1], TOTP, &app.code(host.now())).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r2_one_code_in_many_challenges_at_once_passes_one() {
    let host = std::sync::Arc::new(Host::new().await);
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let code = app.code(host.now());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let id = host.create("alice", TOTP).await.challenge.id();
        let (host, code) = (host.clone(), code.clone());
        tasks.spawn(async move { passed(host.answer(id, TOTP, &code).await) });
    }
    let winners = tasks.join_all().await.into_iter().filter(|passed| *passed).count();
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn r14_the_stored_key_is_ours_and_has_160_bits() {
    let host = Host::new().await;
    let created = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    let key = totp_rs::Secret::try_from_base32(created.key.to_base32().expose()).unwrap();
    assert_eq!(key.as_ref().len(), 20);
    let second = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    assert_ne!(second.key.to_base32().expose(), created.key.to_base32().expose());
}

#[tokio::test]
async fn r40_a_pending_enrollment_answers_nothing_and_expires() {
    let host = Host::new().await;
    let created = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    let app = Authenticator::new(created.key.to_base32().expose()).unwrap();
    let failed = host.create("alice", TOTP).await.challenge;
    assert_eq!(failed.state(), challenges_core::State::ChallengeFailed);
    let named = EndpointRef { endpoint: Some(created.enrollment.id().to_string()), kind: None };
    let spec = ChallengeSpec::new(TOTP).unwrap().with_endpoints(vec![named]);
    let result = host.challenges.create_challenge(owner("alice"), spec).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::UnknownEndpoint))));

    host.clock.advance(Duration::from_secs(3_600));
    let code = Secret::from(app.code(host.now()));
    let late = host.challenges.confirm_totp_enrollment(&owner("alice"), created.enrollment.id(), &code).await;
    assert!(matches!(late, Err(Error::Invalid(Invalid::EnrollmentClosed))));
    assert!(host.challenges.totp_enrollments(&owner("alice"), 500).await.unwrap().is_empty());
}

#[tokio::test]
async fn r40_another_user_or_tenant_finds_nothing() {
    let host = Host::new().await;
    let (id, app) = host.enroll("alice").await;
    for other in [owner("bob"), Owner::in_tenant("org", "alice").unwrap()] {
        let code = Secret::from(app.code(host.now()));
        assert!(matches!(host.challenges.totp_enrollment(&other, id).await, Err(Error::NotFound)));
        assert!(matches!(host.challenges.delete_totp_enrollment(&other, id).await, Err(Error::NotFound)));
        assert!(matches!(host.challenges.confirm_totp_enrollment(&other, id, &code).await, Err(Error::NotFound)));
        assert!(host.challenges.totp_enrollments(&other, 500).await.unwrap().is_empty());
        let named = EndpointRef { endpoint: Some(id.to_string()), kind: Some(TOTP) };
        let spec = ChallengeSpec::new(TOTP).unwrap().with_endpoints(vec![named]);
        let result = host.challenges.create_challenge(other, spec).await;
        assert!(matches!(result, Err(Error::Invalid(Invalid::UnknownEndpoint))));
    }
    assert!(host.challenges.totp_enrollment(&owner("alice"), id).await.is_ok());
}

#[tokio::test]
async fn r40_completing_is_throttled_and_apart_from_answering() {
    let host = Host::new().await;
    let (_, real) = host.enroll("alice").await;
    let created = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    let id = created.enrollment.id();
    let app = Authenticator::new(created.key.to_base32().expose()).unwrap();
    let confirm = async |code: String| host.challenges.confirm_totp_enrollment(&owner("alice"), id, &code.into()).await;
    for guess in 0..6 {
        assert!(confirm(app.wrong_code(host.now(), guess)).await.is_err());
    }
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::TotpEnrollment).await.unwrap(), 6);
    assert!(confirm(app.code(host.now())).await.is_err(), "delayed");
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Totp).await.unwrap(), 0);

    let challenge = host.create("alice", TOTP).await.challenge.id();
    for guess in 0..3 {
        assert!(refused(host.answer(challenge, TOTP, &real.wrong_code(host.now(), guess)).await));
    }
    host.next_step();
    assert_eq!(confirm(app.code(host.now())).await.unwrap().state(), EnrollmentState::Success);
    assert_eq!(
        host.challenges.failures(&owner("alice"), Factor::Totp).await.unwrap(),
        3,
        "enrolling clears no guesses"
    );
}

#[tokio::test]
async fn a_completed_enrollment_takes_no_second_answer() {
    let host = Host::new().await;
    let (id, app) = host.enroll("alice").await;
    host.next_step();
    let code = Secret::from(app.code(host.now()));
    let again = host.challenges.confirm_totp_enrollment(&owner("alice"), id, &code).await;
    assert!(matches!(again, Err(Error::Invalid(Invalid::EnrollmentClosed))));
    let challenge = host.create("alice", TOTP).await.challenge.id();
    assert!(passed(host.answer(challenge, TOTP, code.expose()).await), "and the code is not used up by it");
}

#[tokio::test]
async fn r40_deleting_an_enrollment_takes_it_out_of_open_challenges() {
    let host = Host::new().await;
    let (id, app) = host.enroll("alice").await;
    let (_, second) = host.enroll("alice").await;
    host.next_step();
    let challenge = host.create("alice", TOTP).await.challenge.id();
    host.challenges.delete_totp_enrollment(&owner("alice"), id).await.unwrap();
    assert!(refused(host.answer(challenge, TOTP, &app.code(host.now())).await));
    assert!(passed(host.answer(challenge, TOTP, &second.code(host.now())).await));
}

#[tokio::test]
async fn a_challenge_that_names_an_enrollment_is_answered_by_that_one_even_after_it_is_deleted() {
    let host = Host::new().await;
    let (named, first) = host.enroll("alice").await;
    let (_, second) = host.enroll("alice").await;
    host.next_step();
    let reference = EndpointRef { endpoint: Some(named.to_string()), kind: None };
    let spec = || ChallengeSpec::new(TOTP).unwrap().with_endpoints(vec![reference.clone()]);
    let [open, other] = [
        host.challenges.create_challenge(owner("alice"), spec()).await.unwrap().challenge.id(),
        host.challenges.create_challenge(owner("alice"), spec()).await.unwrap().challenge.id(),
    ];
    assert!(refused(host.answer(open, TOTP, &second.code(host.now())).await));
    assert!(passed(host.answer(open, TOTP, &first.code(host.now())).await));
    host.challenges.delete_totp_enrollment(&owner("alice"), named).await.unwrap();
    host.seen.take();
    assert!(refused(host.answer(other, TOTP, &second.code(host.now())).await), "it does not open to the others");
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
}

#[tokio::test]
async fn enrollments_are_capped_also_when_made_at_once() {
    let store = Counting::new(Yielding::new(MemoryStore::new()));
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Policy::default(), clock, ()).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let challenges = challenges.clone();
        tasks.spawn(async move { challenges.create_totp_enrollment(owner("alice")).await.map(|_| ()) });
    }
    let results = tasks.join_all().await;
    assert!(store.counts().conflict > 0, "nobody raced");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 8);
    let capped =
        |error: &Error| matches!(error, Error::Invalid(Invalid::TooMany { what: Capped::Enrollments, max: 8 }));
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(capped));
}

#[tokio::test]
async fn r18_a_malformed_code_is_compared_with_nothing() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let id = host.create("alice", TOTP).await.challenge.id();
    let code = app.code(host.now());
    host.seen.take();
    for malformed in
        [format!(" {code}"), format!("{code} "), format!("+{}", &code[1..]), String::new(), "x".repeat(9_000)]
    {
        assert!(refused(host.answer(id, TOTP, &malformed).await));
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    }
    assert!(passed(host.answer(id, TOTP, &code).await));
}

#[tokio::test]
async fn an_enrollment_is_found_by_its_id_within_its_tenant_alone() {
    let host = Host::new().await;
    let (id, _) = host.enroll("alice").await;
    assert_eq!(host.challenges.totp_enrollment_by_id("", id).await.unwrap().owner(), &owner("alice"));
    assert!(matches!(host.challenges.totp_enrollment_by_id("org", id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn beginning_again_and_again_leaves_no_heap() {
    let host = Host::new().await;
    for _ in 0..20 {
        let _ = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
        host.clock.advance(Duration::from_secs(3_600));
    }
    assert_eq!(host.dump().await.matches("TotpEnrollment").count(), 1);
}

#[tokio::test]
async fn the_enrollments_of_a_tenant_are_listed_without_those_of_others() {
    let host = Host::new().await;
    let (first, _) = host.enroll("alice").await;
    let (second, _) = host.enroll("bob").await;
    let elsewhere = Owner::in_tenant("org", "alice").unwrap();
    let third = host.challenges.create_totp_enrollment(elsewhere).await.unwrap().enrollment.id();
    let listed = async |tenant| {
        let list = host.challenges.totp_enrollments_in(tenant, 500).await.unwrap();
        list.iter().map(challenges_core::TotpEnrollment::id).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(listed("").await, [first, second].into());
    assert_eq!(listed("org").await, [third].into());
    assert_eq!(host.challenges.totp_enrollments_in("", 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_look_through_all_tenants_lets_other_tasks_run_between_its_pages() {
    let host = Host::new().await;
    let create = async |number: usize| {
        let user = Owner::in_tenant("large", format!("user{number}")).unwrap();
        let _ = host.challenges.create_totp_enrollment(user).await.unwrap();
    };
    for number in 0..500 {
        create(number).await;
    }
    let look = || host.challenges.totp_enrollments_in("small", 500).now_or_never();
    assert!(look().is_some(), "the control: one page of a store in memory is there at once");
    create(500).await;
    assert!(look().is_none());
    assert!(host.challenges.totp_enrollments_in("small", 500).await.unwrap().is_empty());
}
