//! The start of a service on a store, and the limits of a sweep.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::totp::TotpEnrollment;
use challenges_core::{ChallengeType, Challenges, Error, Invalid, Policy};
use challenges_memory::MemoryStore;
use challenges_testkit::{Yielding, administrator};

use crate::harness::{Host, KEYS, owner};

#[tokio::test]
async fn policy_out_of_range_starts_no_service() {
    let build = async |policy| {
        let builder = Challenges::builder(MemoryStore::new(), KEYS.parse().unwrap()).policy(policy);
        builder.build().await.map(|_| ())
    };
    let mut policy = Policy::default();
    policy.guesses_per_challenge = 0;
    let refused: Result<(), Error> = build(policy).await;
    assert!(
        matches!(refused, Err(Error::Invalid(Invalid::Policy { field: "guesses_per_challenge", .. }))),
        "{refused:?}"
    );
    assert!(build(Policy::default()).await.is_ok(), "control");
}

/// R29: two processes that start at the same time on a new store agree on the salt.
#[tokio::test]
async fn simultaneous_first_starts_share_one_salt() {
    let store = Arc::new(MemoryStore::new());
    let start = || Challenges::builder(Yielding::sharing(store.clone()), KEYS.parse().unwrap()).build();
    let (one, other) = tokio::join!(start(), start());
    let (one, other) = (one.unwrap(), other.unwrap());
    let created = one.totp().create(owner("alice"), &administrator()).await.unwrap().0.id();
    let listed = other.totp().list(&owner("alice"), None, 10).await.unwrap();
    assert_eq!(listed.iter().map(TotpEnrollment::id).collect::<Vec<_>>(), [created]);
}

#[tokio::test]
async fn sweep_deletes_at_most_its_limit() {
    let host = Host::new().await;
    for _ in 0..3 {
        let _ = host.create("alice", ChallengeType::Code).await;
    }
    host.clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(host.challenges.sweep(2).await.unwrap(), 2);
    assert_eq!(host.challenges.sweep(10).await.unwrap(), 2, "control: a challenge and the counters are left");
}

/// R16: a clock that is ahead for a moment deletes nothing afterwards.
#[tokio::test]
async fn sweep_after_a_clock_jump_keeps_live_records() {
    let host = Host::new().await;
    let id = host.create("alice", ChallengeType::Code).await.challenge.id();
    let right = host.now();
    host.clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(host.challenges.now(), host.now());
    host.clock.set(right);
    assert!(host.challenges.now() > right, "control: the later time is not forgotten yet");
    assert_eq!(host.challenges.sweep(10).await.unwrap(), 0);
    assert!(!matches!(host.challenges.get(id).await, Err(Error::NotFound)));
}
