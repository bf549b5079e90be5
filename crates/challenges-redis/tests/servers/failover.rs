//! A primary of a cluster that is killed under load, and its replica that takes over.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use challenges_core::store::{Batch, Expect, Load, Record, StoreError, Version, Write};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, Store as _};
use challenges_redis::{OpenError, RedisOptions, RedisStore, Wait};
use challenges_testkit::redis::RedisCluster;

use crate::ledger::{Audit, PATIENCE, Told, Writers, append, audit, key};
use crate::service::KEYS;

const SHARDS: [u16; 4] = [0, 300, 600, 900];

/// Kills the primary of the first partition under load, and answers what the records say once its replica serves.
async fn failover(cluster: &mut RedisCluster, store: &RedisStore) -> (Audit, usize) {
    let keys = SHARDS.map(|shard| key(shard, 1));
    let writers = Writers::start(store, &keys);
    writers.progress(200).await;
    let primaries = cluster.primaries().unwrap();
    let holds =
        |place: &usize| cluster.nodes()[*place].cli(&["EXISTS", "challenges:{000}:records"]).is_ok_and(|n| n == "1");
    let place = primaries.iter().copied().find(holds).unwrap();
    cluster.nodes_mut()[place].kill();
    // The others go on meanwhile.
    let deadline = Instant::now() + PATIENCE;
    while cluster.primaries().unwrap().len() < primaries.len() {
        assert!(Instant::now() < deadline, "no replica takes over");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nobody waits for the replica that is no more.
    let store = &RedisStore::open(&cluster.url()).await.unwrap();
    for key in keys {
        let mut told = Told::default();
        while told.applied.is_empty() {
            assert!(Instant::now() < deadline, "{key:?} is not served");
            append(store, key, &mut told).await;
        }
    }
    let told = writers.stop().await;
    let applied = told.iter().map(|(_, told)| told.applied.len()).sum();
    (audit(store, &told).await, applied)
}

/// R56: replication is asynchronous, so what a primary acknowledged last may be lost with it. Nothing is done twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r56_a_replica_takes_over_and_the_service_goes_on() {
    let mut cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisOptions::new().timeout(Duration::from_secs(2)).open(&cluster.url()).await.unwrap();
    let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
    let (audit, applied) = failover(&mut cluster, &store).await;
    println!("failover without WAIT: {} of {applied} acknowledged writes lost", audit.lost);
    assert_eq!((audit.doubled, audit.denied), (0, 0), "{audit:?}");
    for number in 0..100 {
        let owner = Owner::user(format!("user{number}")).unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let created = challenges.create_challenge(owner, spec).await.unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        let answer = || Answer::allow(id, ChallengeType::Code, code.expose());
        assert!(challenges.answer(answer()).await.is_ok());
        assert!(challenges.answer(answer()).await.is_err());
    }
}

/// R56: what was acknowledged with a replica is on the replica that takes over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r56_with_wait_a_failover_loses_nothing_that_was_acknowledged() {
    let mut cluster = RedisCluster::start(3, &[]).unwrap();
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_secs(1) };
    let options = RedisOptions::new().timeout(Duration::from_secs(2)).wait(wait);
    let store = options.open(&cluster.url()).await.unwrap();
    let (audit, applied) = failover(&mut cluster, &store).await;
    println!("failover with WAIT: {} of {applied} acknowledged writes lost", audit.lost);
    assert_eq!(audit, Audit::default());
}

/// R56: a user who may not wait for replicas is found out at open. Where the right is lost later, what was carried out is not
/// called refused.
#[tokio::test]
async fn a_commit_that_cannot_wait_for_replicas_is_unknown_and_not_refused() {
    let server = challenges_testkit::redis::RedisServer::start(&[]).unwrap();
    server.cli(&["ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all"]).unwrap();
    let url = format!("redis://app:pw@127.0.0.1:{}", server.port());
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_millis(20) };
    let store = RedisOptions::new().wait(wait).open(&url).await.unwrap();
    server.cli(&["ACL", "SETUSER", "app", "-wait"]).unwrap();
    let record = Record { key: key(1, 1), due: None, expires: None, body: "{}".into() };
    let batch = Batch::new(Version::from_bytes([1; 16]), vec![Write::put(Expect::Absent, record)]).unwrap();
    let committed = store.commit(batch).await;
    assert!(matches!(committed, Err(StoreError::OutcomeUnknown(_))), "{committed:?}");
    assert!(store.load(&Load::key(key(1, 1))).await.unwrap().find(key(1, 1)).is_some(), "it was carried out");
    assert!(matches!(RedisOptions::new().wait(wait).open(&url).await, Err(OpenError::Wait(_))));
    assert!(RedisStore::open(&url).await.is_ok(), "the control: who does not wait needs no such right");
}

#[tokio::test]
async fn a_wait_without_end_ends_with_the_call_or_with_the_replica() {
    let primary = challenges_testkit::redis::RedisServer::start(&[]).unwrap();
    let replicate = ["--replicaof", &format!("127.0.0.1 {}", primary.port())].map(str::to_owned);
    let _replica = challenges_testkit::redis::RedisServer::start(&replicate.each_ref().map(String::as_str)).unwrap();
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::MAX };
    let store = RedisOptions::new().timeout(PATIENCE).wait(wait).open(&primary.url()).await.unwrap();
    let mut told = Told::default();
    append(&store, key(1, 1), &mut told).await;
    assert_eq!((told.applied.len(), told.unknown), (1, 0));
}

/// The control: without a replica a commit that waits for one is no success.
#[tokio::test]
async fn a_commit_that_no_replica_has_is_unknown() {
    let server = challenges_testkit::redis::RedisServer::start(&[]).unwrap();
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_millis(20) };
    let store = RedisOptions::new().wait(wait).open(&server.url()).await.unwrap();
    let mut told = Told::default();
    append(&store, key(1, 1), &mut told).await;
    assert_eq!((told.applied.len(), told.unknown), (0, 1));
}
