//! Comparison of services on the memory, SQLite, PostgreSQL and Redis stores with the reference (R54).
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::{Builder, Policy, Purpose};
use challenges_memory::MemoryStore;
use challenges_postgres::PostgresOptions;
use challenges_proofs::differential::{Differential, Mismatch};
use challenges_proofs::postgres::PostgresServer;
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::RedisOptions;
use challenges_sqlite::{SqliteOptions, Synchronous};
use challenges_testkit::{Defect, DefectiveStore};
use challenges_webauthn::Webauthn;

/// Returns the number of sequences, with nearly 70 operations on average.
///
/// Both tests together run about 10^4 operations, and more than 10^5 with `CHALLENGES_FULL`.
fn sequences() -> usize {
    if std::env::var_os("CHALLENGES_FULL").is_some() { 800 } else { 80 }
}

fn with_pages() -> Policy {
    let mut policy = Policy::default();
    policy.any_https_response_origin = true;
    policy.trusted_purposes = vec![Purpose::new("login").unwrap()];
    policy
}

/// Returns a policy with limits that sequences reach: short codes and small maximums.
fn tight() -> Policy {
    let mut policy = with_pages();
    policy.code_digits = Some(6);
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

async fn compare_every_store(policy: fn() -> Policy, seed: u64) {
    let directory = tempfile::tempdir().unwrap();
    let (server, cluster) = (RedisServer::start(&[]).unwrap(), RedisCluster::start(3, &[]).unwrap());
    let stores = Arc::new(AtomicUsize::new(0));
    let redis = |url: String| {
        let stores = Arc::clone(&stores);
        move || {
            // All stores share a server, with a key prefix for each.
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
    compare(&differential, seed, sequences()).await;
}

async fn compare(differential: &Differential, seed: u64, sequences: usize) {
    match differential.run(seed, sequences).await {
        Ok(report) => {
            println!("{report}");
            assert_eq!(report.passed.len(), 8, "every type must be passed at least once: {report}");
        }
        Err(mismatch) => panic!("{mismatch}"),
    }
}

/// R54: random operations give equal results on every store.
#[tokio::test]
async fn r54_every_store_gives_equal_results() {
    compare_every_store(with_pages, 0).await;
}

/// R54: random operations give equal results on every store under tight limits.
#[tokio::test]
async fn r54_every_store_gives_equal_results_at_limits() {
    compare_every_store(tight, 1 << 32).await;
}

/// R54: random operations give equal results on PostgreSQL. A new schema takes longer than a sequence, so there are fewer.
#[tokio::test]
async fn r54_postgres_gives_equal_results() {
    let (server, stores) = (PostgresServer::start(&[]).unwrap(), Arc::new(AtomicUsize::new(0)));
    for (policy, seed) in [(with_pages as fn() -> Policy, 2 << 32), (tight, 3 << 32)] {
        let (url, stores) = (server.url(), Arc::clone(&stores));
        let differential = reference(policy).subject("postgres", move || {
            let schema = format!("store{}", stores.fetch_add(1, Ordering::Relaxed));
            let (options, url) = (PostgresOptions::new().connections(2).schema(schema), url.clone());
            async move { options.connect(&url).await.unwrap() }
        });
        compare(&differential, seed, sequences() / 4).await;
    }
}

/// R54: every listed defect shows as a difference within 20 operations.
#[tokio::test]
async fn r54_defects_are_found_and_shrunk() {
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
async fn equal_seeds_give_equal_sequences() {
    let differential = reference(with_pages).subject("the same", || async { DefectiveStore::sound() });
    let (once, again) = (differential.run(7, 3).await.unwrap(), differential.run(7, 3).await.unwrap());
    assert_eq!(once, again);
    assert_eq!(once.sequences, 3);
    assert!(once.operations > 30 && once.successes > 10, "{once}");
    assert_ne!(once, differential.run(8, 3).await.unwrap());
}
