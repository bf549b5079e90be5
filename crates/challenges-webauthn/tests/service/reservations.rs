//! R48: A credential id belongs to one user, despite races and crashes.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::store::{Kind, StoreError};
use challenges_core::time::Clock as _;
use challenges_core::webauthn::WebauthnEnrollment;
use challenges_core::{Challenges, Error, Invalid, Refused, Store};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Fault, Flaky, Method, Yielding, administrator};

use crate::harness::{Host, ORIGIN, Recorder, Seen, invalid, owner};

const HOUR: Duration = Duration::from_secs(3_600);

async fn reservations(host: &Host) -> usize {
    host.store.list(Kind::Reservation, None, None, 100).await.unwrap().len()
}

/// Creates a service that crashes at the given commit, counted from 1, and at all later ones.
async fn crashing_at(commit: usize, host: &Host) -> Challenges {
    let store = Flaky::sharing(host.store.clone());
    let challenges = host.through(store.clone()).await;
    let mut commits = 0;
    store.fail_when(move |call| {
        commits += usize::from(call.method == Method::Commit);
        (commits >= commit).then_some(Fault::Before)
    });
    challenges
}

async fn confirm(
    challenges: &Challenges,
    host: &Host,
    pending: &WebauthnEnrollment,
    key: &mut SecurityKey,
) -> Result<WebauthnEnrollment, Error> {
    let response = host.sign_registration(pending, key).await.core_response().unwrap();
    challenges.webauthn().confirm(pending.owner(), &administrator(), pending.id(), &response).await
}

/// R48: A credential cannot be registered twice, unless it was deleted.
#[tokio::test]
async fn credential_registers_once_until_deleted() {
    let host = Host::new().await;
    let id = host.enroll("ann", &mut SecurityKey::new(1)).await;
    for user in ["bob", "ann"] {
        let pending = host.begin(user).await;
        let mut options = host.challenges.webauthn().creation_options(&owner(user), pending.id(), user).await.unwrap();
        // The reservation must hold even if the browser ignores the exclude list.
        options["excludeCredentials"] = serde_json::json!([]);
        let response = SecurityKey::new(1).create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
        let again = host.challenges.webauthn().confirm(&owner(user), &administrator(), pending.id(), &response).await;
        assert_eq!(invalid(again), Some(Invalid::CredentialTaken));
        assert_eq!(host.seen.take().last(), Some(&Seen::EnrollmentRefused(Refused::CredentialTaken)));
    }
    host.challenges.webauthn().delete(&owner("ann"), &administrator(), id).await.unwrap();
    assert_eq!(reservations(&host).await, 0, "deletion removes the reservation");
    host.enroll("bob", &mut SecurityKey::new(1)).await;
}

/// Registers one credential for four users at once, and returns how many succeed.
async fn race(host: &Host, seed: u64) -> usize {
    let challenges = host.through(Yielding::sharing(host.store.clone())).await;
    let mut racers = Vec::new();
    for user in ["ann", "bob", "cid", "dan"] {
        let pending = host.begin(user).await;
        let response = host.sign_registration(&pending, &mut SecurityKey::new(seed)).await.core_response().unwrap();
        let challenges = challenges.clone();
        racers.push(tokio::spawn(async move {
            challenges.webauthn().confirm(pending.owner(), &administrator(), pending.id(), &response).await
        }));
    }
    let mut winners = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert_eq!(invalid::<()>(Err(error)), Some(Invalid::CredentialTaken)),
        }
    }
    winners
}

/// R48, R43: Of concurrent registrations of a credential, one wins.
#[tokio::test]
async fn one_of_concurrent_registrations_wins() {
    for round in 0..50 {
        let host = Host::new().await;
        assert_eq!((race(&host, round).await, reservations(&host).await), (1, 1));
        assert_eq!(race(&host, round + 1_000).await, 1, "negative control: another credential is available");
    }
}

/// R48: Of several credentials for one enrollment, one completes it, and the others stay available.
#[tokio::test]
async fn one_of_concurrent_responses_completes_the_enrollment() {
    for round in 0..50 {
        let host = Host::new().await;
        let seen = Arc::new(Recorder::default());
        let challenges = host.observed_through(Yielding::sharing(host.store.clone()), seen.clone()).await;
        let pending = host.begin("ann").await;
        let mut racers = Vec::new();
        for seed in 0..4 {
            // Each response is sent twice, as by a client that retries.
            let mut key = SecurityKey::new(round * 2 + seed / 2);
            let response = host.sign_registration(&pending, &mut key).await.core_response().unwrap();
            let (challenges, id) = (challenges.clone(), pending.id());
            racers.push(tokio::spawn(async move {
                challenges.webauthn().confirm(&owner("ann"), &administrator(), id, &response).await
            }));
        }
        let mut winners = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(_) => winners += 1,
                Err(error) => assert_eq!(invalid::<()>(Err(error)), Some(Invalid::EnrollmentClosed)),
            }
        }
        assert_eq!((winners, reservations(&host).await), (1, 1));
        let refused = Seen::EnrollmentRefused(Refused::Final);
        assert_eq!(seen.take().into_iter().filter(|seen| *seen == refused).count(), 3, "R43: each is observed");
    }
}

/// R48: After a crash, exactly one registration takes over the expired reservation.
#[tokio::test]
async fn one_registration_takes_over_an_expired_reservation() {
    for round in 0..50 {
        let host = Host::new().await;
        let crashing = crashing_at(2, &host).await;
        let pending = host.begin("eve").await;
        assert!(confirm(&crashing, &host, &pending, &mut SecurityKey::new(round)).await.is_err());
        assert_eq!(race(&host, round).await, 0, "the reservation has not expired");
        host.clock.advance(HOUR);
        assert_eq!((race(&host, round).await, reservations(&host).await), (1, 1));
    }
}

/// R48: After a crash at any commit, the same enrollment can be completed.
///
/// Until the enrollment expires, nobody else gets the credential.
#[tokio::test]
async fn crashed_completion_can_be_repeated() {
    for commit in [1, 2] {
        let host = Host::new().await;
        let crashing = crashing_at(commit, &host).await;
        let pending = host.begin("ann").await;
        let crashed = confirm(&crashing, &host, &pending, &mut SecurityKey::new(1)).await;
        assert!(matches!(crashed, Err(Error::Store(StoreError::Unavailable(_)))), "{crashed:?}");
        assert_eq!(reservations(&host).await, commit - 1);
        if commit == 2 {
            let theirs = host.begin("bob").await;
            let taken = confirm(&host.challenges, &host, &theirs, &mut SecurityKey::new(1)).await;
            assert_eq!(invalid(taken), Some(Invalid::CredentialTaken));
        }
        let completed = confirm(&host.challenges, &host, &pending, &mut SecurityKey::new(1)).await.unwrap();
        assert!(completed.is_completed());
        assert_eq!(reservations(&host).await, 1);
    }
}

/// R48: An enrollment whose reservation was taken over cannot be completed, however late its process resumes.
#[tokio::test]
async fn expired_enrollment_loses_its_reservation_permanently() {
    let host = Host::new().await;
    let crashing = crashing_at(2, &host).await;
    let pending = host.begin("ann").await;
    let response = host.sign_registration(&pending, &mut SecurityKey::new(1)).await.core_response().unwrap();
    assert!(crashing.webauthn().confirm(&owner("ann"), &administrator(), pending.id(), &response).await.is_err());
    let started = host.clock.now();
    host.clock.advance(HOUR);
    host.enroll("bob", &mut SecurityKey::new(1)).await;
    // To a process whose clock is an hour behind, the enrollment would still be open.
    host.clock.set(started);
    let late = host.through(host.store.clone()).await;
    let result = late.webauthn().confirm(&owner("ann"), &administrator(), pending.id(), &response).await;
    assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
    assert_eq!(reservations(&host).await, 1);
}

/// R48: A completed enrollment does not hold the other credentials that it once reserved.
#[tokio::test]
async fn enrollment_keeps_only_the_completing_credential() {
    let host = Host::new().await;
    let crashing = crashing_at(2, &host).await;
    let pending = host.begin("ann").await;
    assert!(confirm(&crashing, &host, &pending, &mut SecurityKey::new(1)).await.is_err());
    confirm(&host.challenges, &host, &pending, &mut SecurityKey::new(2)).await.unwrap();
    assert_eq!(reservations(&host).await, 2);
    host.enroll("bob", &mut SecurityKey::new(1)).await;
}

/// R72: an erasure that crashes at any commit is finished by the next, and leaves neither a credential nor a reservation.
#[tokio::test]
async fn erasure_removes_the_reservations() {
    let mut crashes = 0;
    for commit in 1.. {
        let host = Host::new().await;
        host.enroll("ann", &mut SecurityKey::new(1)).await;
        host.enroll("ann", &mut SecurityKey::new(2)).await;
        host.begin("ann").await;
        host.enroll("bob", &mut SecurityKey::new(3)).await;
        assert_eq!(reservations(&host).await, 3, "control");
        let erased = crashing_at(commit, &host).await.account(&owner("ann")).erase().await;
        crashes += usize::from(erased.is_err());
        host.challenges.account(&owner("ann")).erase().await.unwrap();
        let enrollments = host.store.list(Kind::WebauthnEnrollment, None, None, 100).await.unwrap().len();
        assert_eq!((enrollments, reservations(&host).await), (1, 1), "only bob's are left");
        host.enroll("cid", &mut SecurityKey::new(1)).await;
        if erased.is_ok() {
            break;
        }
    }
    assert!(crashes > 3, "control: {crashes} crashes");
}
