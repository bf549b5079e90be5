//! R48: a credential id is one user's, also under races and crashes.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::machine::Refused;
use challenges_core::store::{Kind, ListQuery, StoreError};
use challenges_core::{Challenges, Clock as _, EnrollmentState, Error, Invalid, Store, WebauthnEnrollment};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Fault, Flaky, Method, Yielding};

use crate::harness::{Host, ORIGIN, Recorder, Seen, invalid, owner};

const HOUR: Duration = Duration::from_secs(3_600);

async fn reservations(host: &Host) -> usize {
    let query = ListQuery { kind: Kind::Reservation, owner: None, after: None, limit: 100 };
    host.store.list(&query).await.unwrap().records.len()
}

/// A service of a process that dies at that commit, the first being 1, and of any later one.
async fn dying_at(commit: usize, host: &Host) -> Challenges {
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
    let response = host.made(pending, key).await.core_response().unwrap();
    challenges.confirm_webauthn_enrollment(pending.owner(), pending.id(), &response).await
}

#[tokio::test]
async fn r48_a_credential_is_registered_once_until_it_is_deleted() {
    let host = Host::new().await;
    let id = host.enroll("ann", &mut SecurityKey::new(1)).await;
    for user in ["bob", "ann"] {
        let pending = host.begin(user).await;
        let mut options = host.challenges.creation_options(&owner(user), pending.id(), user).await.unwrap();
        // The exclude list is the browser's to heed; the reservation holds without it.
        options["excludeCredentials"] = serde_json::json!([]);
        let response = SecurityKey::new(1).create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
        let again = host.challenges.confirm_webauthn_enrollment(&owner(user), pending.id(), &response).await;
        assert_eq!(invalid(again), Some(Invalid::CredentialTaken));
        assert_eq!(host.seen.take().last(), Some(&Seen::EnrollmentRefused(Refused::CredentialTaken)));
    }
    host.challenges.delete_webauthn_enrollment(&owner("ann"), id).await.unwrap();
    assert_eq!(reservations(&host).await, 0, "nothing is left behind");
    host.enroll("bob", &mut SecurityKey::new(1)).await;
}

/// Registers one credential for four users at once; how many got it.
async fn race(host: &Host, seed: u64) -> usize {
    let challenges = host.through(Yielding::sharing(host.store.clone())).await;
    let mut racers = Vec::new();
    for user in ["ann", "bob", "cid", "dan"] {
        let pending = host.begin(user).await;
        let response = host.made(&pending, &mut SecurityKey::new(seed)).await.core_response().unwrap();
        let challenges = challenges.clone();
        racers.push(tokio::spawn(async move {
            challenges.confirm_webauthn_enrollment(pending.owner(), pending.id(), &response).await
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

#[tokio::test]
async fn r48_of_simultaneous_registrations_one_wins() {
    for round in 0..50 {
        let host = Host::new().await;
        assert_eq!((race(&host, round).await, reservations(&host).await), (1, 1));
        assert_eq!(race(&host, round + 1_000).await, 1, "control: another credential is free");
    }
}

/// Of several credentials for one enrollment at once it gets one, and the others are free again.
#[tokio::test]
async fn r48_of_simultaneous_responses_one_completes_the_enrollment() {
    for round in 0..50 {
        let host = Host::new().await;
        let seen = Arc::new(Recorder::default());
        let challenges = host.observed_through(Yielding::sharing(host.store.clone()), seen.clone()).await;
        let pending = host.begin("ann").await;
        let mut racers = Vec::new();
        for seed in 0..4 {
            // Each comes twice, as clients send again what got no answer.
            let mut key = SecurityKey::new(round * 2 + seed / 2);
            let response = host.made(&pending, &mut key).await.core_response().unwrap();
            let (challenges, id) = (challenges.clone(), pending.id());
            racers.push(tokio::spawn(async move {
                challenges.confirm_webauthn_enrollment(&owner("ann"), id, &response).await
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
        assert_eq!(seen.take().into_iter().filter(|seen| *seen == refused).count(), 3, "R43: each is told");
    }
}

/// The reservation that a crash left behind is taken over by one.
#[tokio::test]
async fn r48_of_simultaneous_registrations_one_takes_over_what_waits_in_vain() {
    for round in 0..50 {
        let host = Host::new().await;
        let dying = dying_at(2, &host).await;
        let pending = host.begin("eve").await;
        assert!(confirm(&dying, &host, &pending, &mut SecurityKey::new(round)).await.is_err());
        assert_eq!(race(&host, round).await, 0, "it may be completed still");
        host.clock.advance(HOUR);
        assert_eq!((race(&host, round).await, reservations(&host).await), (1, 1));
    }
}

/// A crash after each write of a completion: the same enrollment can be completed afterwards, and until it has
/// expired nobody else gets the credential.
#[tokio::test]
async fn r48_a_crash_between_reserving_and_completing_heals() {
    for commit in [1, 2] {
        let host = Host::new().await;
        let dying = dying_at(commit, &host).await;
        let pending = host.begin("ann").await;
        let crashed = confirm(&dying, &host, &pending, &mut SecurityKey::new(1)).await;
        assert!(matches!(crashed, Err(Error::Store(StoreError::Unavailable(_)))), "{crashed:?}");
        assert_eq!(reservations(&host).await, commit - 1);
        if commit == 2 {
            let theirs = host.begin("bob").await;
            let taken = confirm(&host.challenges, &host, &theirs, &mut SecurityKey::new(1)).await;
            assert_eq!(invalid(taken), Some(Invalid::CredentialTaken));
        }
        let healed = confirm(&host.challenges, &host, &pending, &mut SecurityKey::new(1)).await.unwrap();
        assert_eq!(healed.state(), EnrollmentState::Success);
        assert_eq!(reservations(&host).await, 1);
    }
}

/// The reservation of an enrollment that never came to be is taken over, and then that enrollment can no longer be
/// completed with it, however late whoever was completing it goes on.
#[tokio::test]
async fn r48_what_waits_in_vain_loses_its_reservation_for_good() {
    let host = Host::new().await;
    let dying = dying_at(2, &host).await;
    let pending = host.begin("ann").await;
    let response = host.made(&pending, &mut SecurityKey::new(1)).await.core_response().unwrap();
    assert!(dying.confirm_webauthn_enrollment(&owner("ann"), pending.id(), &response).await.is_err());
    let started = host.clock.now();
    host.clock.advance(HOUR);
    host.enroll("bob", &mut SecurityKey::new(1)).await;
    // A process whose clock is an hour behind would take the enrollment for open still, but finds it gone.
    host.clock.set(started);
    let late = host.through(host.store.clone()).await;
    let result = late.confirm_webauthn_enrollment(&owner("ann"), pending.id(), &response).await;
    assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
    assert_eq!(reservations(&host).await, 1);
}

/// An enrollment that was completed with one credential holds no other that it once reserved.
#[tokio::test]
async fn r48_an_enrollment_holds_the_credential_that_completed_it_alone() {
    let host = Host::new().await;
    let dying = dying_at(2, &host).await;
    let pending = host.begin("ann").await;
    assert!(confirm(&dying, &host, &pending, &mut SecurityKey::new(1)).await.is_err());
    confirm(&host.challenges, &host, &pending, &mut SecurityKey::new(2)).await.unwrap();
    assert_eq!(reservations(&host).await, 2);
    host.enroll("bob", &mut SecurityKey::new(1)).await;
}
