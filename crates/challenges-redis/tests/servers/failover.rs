//! Failover: a cluster primary is killed under load, and a replica takes over.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use challenges_core::store::{Batch, Load, Record, StoreError, Write};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, Store as _};
use challenges_proofs::redis::{RedisCluster, RedisServer};
use challenges_redis::{OpenError, RedisOptions, RedisStore, Wait};

use crate::silence::{is_in_sync, until};
use challenges_proofs::ledger::{Audit, Outcomes, TIME_LIMIT, Writers, append, audit, key};
use challenges_proofs::servers::KEYS;

const SHARDS: [u16; 4] = [0, 300, 600, 900];

/// Kills the primary of the first partition under load, waits for the failover, and audits the records.
///
/// Returns the audit and the number of acknowledged writes.
async fn failover(cluster: &mut RedisCluster, store: &RedisStore) -> (Audit, usize) {
    // Replication is asynchronous, and a replica without the marks of the store would be refused as emptied.
    let primaries = cluster.primaries().unwrap();
    let are_in_sync = || primaries.iter().all(|place| is_in_sync(&cluster.nodes()[*place]));
    until("the replicas are not in sync", are_in_sync).await;
    let keys = SHARDS.map(|shard| key(shard, 1));
    let writers = Writers::start(store, &keys);
    writers.wait_for_commits(200).await;
    let primaries = cluster.primaries().unwrap();
    let holds =
        |place: &usize| cluster.nodes()[*place].cli(&["EXISTS", "challenges:{000}:records"]).is_ok_and(|n| n == "1");
    let place = primaries.iter().copied().find(holds).unwrap();
    cluster.nodes_mut()[place].kill();
    let deadline = Instant::now() + TIME_LIMIT;
    while cluster.primaries().unwrap().len() < primaries.len() {
        assert!(Instant::now() < deadline, "no replica takes over");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A node that still routes to the killed primary would refuse a new store.
    let [down, nodes] = [true, false].map(|is_down| {
        let nodes = cluster.nodes().iter().filter(move |node| node.pid().is_none() == is_down);
        nodes.collect::<Vec<_>>()
    });
    let routes_to_it = |node: &RedisServer| {
        let slots = node.cli(&["CLUSTER", "SLOTS"]).unwrap();
        down.iter().any(|down| slots.lines().any(|line| line == down.port().to_string()))
    };
    until("nodes route to the killed primary", || !nodes.iter().any(|node| routes_to_it(node))).await;
    // A store without `wait`, because the promoted primary has no replica.
    let store = &RedisStore::open(&cluster.url()).await.unwrap();
    for key in keys {
        let mut outcomes = Outcomes::default();
        while outcomes.applied.is_empty() {
            assert!(Instant::now() < deadline, "{key:?} is not served");
            append(store, key, &mut outcomes).await;
        }
    }
    let outcomes = writers.stop().await;
    let applied = outcomes.iter().map(|(_, outcomes)| outcomes.applied.len()).sum();
    (audit(store, &outcomes).await, applied)
}

/// R56: after a failover the service continues and applies no write twice.
///
/// The last acknowledged writes may be lost, because replication is asynchronous.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_continues_after_failover() {
    let mut cluster = RedisCluster::start(3, &[]).unwrap();
    let store = RedisOptions::new().timeout(Duration::from_secs(2)).open(&cluster.url()).await.unwrap();
    let challenges = Challenges::builder(store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
    let (audit, applied) = failover(&mut cluster, &store).await;
    println!("failover without WAIT: {} of {applied} acknowledged writes lost", audit.lost);
    assert_eq!((audit.doubled, audit.denied), (0, 0), "{audit:?}");
    for number in 0..100 {
        let owner = Owner::user(format!("user{number}")).unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
        let created = challenges.create(owner, spec).await.unwrap();
        let (id, code) = (created.challenge.id(), created.code.unwrap());
        let answer = || Answer::allow(id, ChallengeType::Code, code.expose());
        assert!(challenges.answer(answer()).await.is_ok());
        assert!(challenges.answer(answer()).await.is_err());
    }
}

/// R56: with `wait`, a failover keeps all acknowledged writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failover_with_wait_loses_no_acknowledged_write() {
    let mut cluster = RedisCluster::start(3, &[]).unwrap();
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_secs(1) };
    let options = RedisOptions::new().timeout(Duration::from_secs(2)).wait(wait);
    let store = options.open(&cluster.url()).await.unwrap();
    let (audit, applied) = failover(&mut cluster, &store).await;
    println!("failover with WAIT: {} of {applied} acknowledged writes lost", audit.lost);
    assert_eq!(audit, Audit::default());
}

/// R56: a missing right to run `WAIT` is an error on open. If the right is revoked later, commits return unknown.
#[tokio::test]
async fn commit_is_unknown_without_right_to_wait() {
    let server = challenges_proofs::redis::RedisServer::start(&[]).unwrap();
    server.cli(&["ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all"]).unwrap();
    let url = format!("redis://app:pw@127.0.0.1:{}", server.port());
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_millis(20) };
    let store = RedisOptions::new().wait(wait).open(&url).await.unwrap();
    server.cli(&["ACL", "SETUSER", "app", "-wait"]).unwrap();
    let record = Record { key: key(1, 1), due: None, expires: None, body: "{}".into() };
    let batch = Batch::new([1; 16], vec![Write::create(record)]).unwrap();
    let committed = store.commit(batch).await;
    assert!(matches!(committed, Err(StoreError::OutcomeUnknown(_))), "{committed:?}");
    assert!(
        store.load(&Load::key(key(1, 1))).await.unwrap().iter().any(|stored| stored.record.key == key(1, 1)),
        "the commit must be executed"
    );
    assert!(matches!(RedisOptions::new().wait(wait).open(&url).await, Err(OpenError::Wait(_))));
    assert!(RedisStore::open(&url).await.is_ok(), "control: without `wait` the right is not needed");
}

#[tokio::test]
async fn maximal_wait_ends_with_replica_acknowledgement() {
    let primary = challenges_proofs::redis::RedisServer::start(&[]).unwrap();
    let replicate = ["--replicaof", &format!("127.0.0.1 {}", primary.port())].map(str::to_owned);
    let _replica = challenges_proofs::redis::RedisServer::start(&replicate.each_ref().map(String::as_str)).unwrap();
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::MAX };
    let store = RedisOptions::new().timeout(TIME_LIMIT).wait(wait).open(&primary.url()).await.unwrap();
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!((outcomes.applied.len(), outcomes.unknown), (1, 0));
}

/// Control: a commit that no replica acknowledges is unknown.
#[tokio::test]
async fn control_commit_without_replica_is_unknown() {
    let server = challenges_proofs::redis::RedisServer::start(&[]).unwrap();
    let wait = Wait { replicas: NonZeroU32::MIN, timeout: Duration::from_millis(20) };
    let store = RedisOptions::new().wait(wait).open(&server.url()).await.unwrap();
    let mut outcomes = Outcomes::default();
    append(&store, key(1, 1), &mut outcomes).await;
    assert_eq!((outcomes.applied.len(), outcomes.unknown), (0, 1));
}
