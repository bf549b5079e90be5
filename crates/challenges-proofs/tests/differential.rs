//! Services on the memory, SQLite and Redis stores do the same as on the reference (R54).
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::{Builder, CodeForm, Policy, ResponseOrigins};
use challenges_memory::MemoryStore;
use challenges_proofs::differential::{Differential, Mismatch};
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::RedisOptions;
use challenges_sqlite::{SqliteOptions, Synchronous};
use challenges_testkit::{Defect, DefectiveStore};
use challenges_webauthn::Webauthn;

/// So many sequences of nearly 70 operations on the average: in both tests together some 10^4 operations, and more than
/// 10^5 with `CHALLENGES_FULL`.
fn sequences() -> usize {
    if std::env::var_os("CHALLENGES_FULL").is_some() { 800 } else { 80 }
}

fn with_pages() -> Policy {
    let mut policy = Policy::default();
    policy.response_origins = ResponseOrigins::default().and_any_https();
    policy
}

/// Limits that sequences reach: codes that can be guessed, few of everything, short lives.
fn tight() -> Policy {
    let mut policy = with_pages();
    policy.code = CodeForm::Digits(6);
    policy.guesses_per_challenge = 2;
    policy.secrets_per_challenge = 3;
    policy.failures_before_delay = 2;
    policy.failures_before_disabled = 4;
    (policy.enrollments, policy.endpoints, policy.actors) = (2, 2, 3);
    policy
}

fn reference(policy: fn() -> Policy) -> Differential {
    let service = move |builder: Builder| builder.policy(policy()).webauthn(Webauthn::new());
    Differential::new(|| async { DefectiveStore::sound() }).service(service)
}

async fn every_store_is_the_same(policy: fn() -> Policy, seed: u64) {
    let directory = tempfile::tempdir().unwrap();
    let (server, cluster) = (RedisServer::start(&[]).unwrap(), RedisCluster::start(3, &[]).unwrap());
    let stores = Arc::new(AtomicUsize::new(0));
    let redis = |url: String| {
        let stores = Arc::clone(&stores);
        move || {
            // Keys of its own for each store, on one server.
            let options = RedisOptions::new().prefix(format!("store{}", stores.fetch_add(1, Ordering::Relaxed)));
            let url = url.clone();
            async move { options.open(&url).await.unwrap() }
        }
    };
    let differential = reference(policy)
        .subject("memory", || async { MemoryStore::new() })
        .subject("sqlite", {
            let (directory, stores) = (directory.path().to_owned(), Arc::clone(&stores));
            move || {
                let path = directory.join(format!("{}.sqlite", stores.fetch_add(1, Ordering::Relaxed)));
                async { SqliteOptions::new().synchronous(Synchronous::Normal).open(path).unwrap() }
            }
        })
        .subject("redis", redis(server.url()))
        .subject("redis cluster", redis(cluster.url()));
    match differential.run(seed, sequences()).await {
        Ok(report) => {
            println!("{report}");
            assert_eq!(report.passed.len(), 6, "every type has to be passed now and then: {report}");
        }
        Err(mismatch) => panic!("{mismatch}"),
    }
}

#[tokio::test]
async fn r54_every_store_does_the_same() {
    every_store_is_the_same(with_pages, 0).await;
}

#[tokio::test]
async fn r54_every_store_does_the_same_at_the_limits() {
    every_store_is_the_same(tight, 1 << 32).await;
}

#[tokio::test]
async fn r54_defects_are_found_and_made_small() {
    let defects = [
        Defect::ForgetsWrites,
        Defect::KeepsVersions,
        Defect::KeepsTimes,
        Defect::ReadsStale,
        Defect::LagsBehind,
        Defect::ShufflesSiblings,
        Defect::SortsTagsAsSigned,
        Defect::ListsByIdAlone,
        Defect::DueAfterNow,
        Defect::PurgesTooEarly,
        Defect::PurgesWithoutTime,
    ];
    let mut missed = BTreeMap::new();
    for defect in defects {
        let differential = Differential::new(|| async { DefectiveStore::sound() })
            .service(|builder| builder.policy(with_pages()))
            .subject("defective", move || async move { DefectiveStore::new(defect) });
        match differential.run(0, 100).await {
            Err(Mismatch::Difference(difference)) => {
                println!("{defect:?}: found, {} operations show it", difference.operations.len());
                assert!(difference.operations.len() < 20, "{defect:?}: {difference}");
            }
            Err(Mismatch::Build { .. }) => println!("{defect:?}: found, no service can be built"),
            other => drop(missed.insert(format!("{defect:?}"), other.map(|report| report.to_string()))),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[tokio::test]
async fn a_sequence_follows_from_its_seed() {
    let differential = reference(with_pages).subject("the same", || async { DefectiveStore::sound() });
    let (once, again) = (differential.run(7, 3).await.unwrap(), differential.run(7, 3).await.unwrap());
    assert_eq!(once, again);
    assert_eq!(once.sequences, 3);
    assert!(once.operations > 30 && once.successes > 10, "{once}");
    assert_ne!(once, differential.run(8, 3).await.unwrap());
}
