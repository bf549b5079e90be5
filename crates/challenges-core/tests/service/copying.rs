//! Copies of stores, and comparisons of two stores.

mod hiding;

use std::collections::BTreeSet;
use std::sync::Arc;

use challenges_core::store::{
    Batch, Commit, CopyError, Discrepancy, Id, Key, Kind, Record, StoreError, Stored, View, Write, compare, copy,
};
use challenges_core::{ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Store, Timestamp};
use challenges_memory::MemoryStore;
use challenges_testkit::{Defect, DefectiveStore, Fault, Flaky, Method};

use self::hiding::Hiding;
use crate::harness::{Host, KEYS, owner, passed, refused};
use crate::rotation::fill;

const BULK: u64 = 1_500;

/// Writes several records for each of many owners, half of them due, so that pages and shards end anywhere.
async fn bulk(store: &MemoryStore) {
    for number in 0..BULK {
        let owner = (number / 3).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let key = Key::new(Kind::Outbox, Id::new(Timestamp::from_seconds(number), owner, number.into()));
        let due = number.is_multiple_of(2).then(|| Timestamp::from_seconds(number));
        let record = Record { key, due, expires: Some(Timestamp::MAX), body: number.to_string().into() };
        put(store, u128::from(number) + 1, record).await;
    }
}

async fn put(store: &dyn Store, version: u128, record: Record) {
    let version = version.to_be_bytes();
    let batch = Batch::new(version, vec![Write::create(record)]).unwrap();
    assert_eq!(store.commit(batch).await.unwrap(), Commit::Applied);
}

async fn everything(store: &dyn Store) -> Vec<Stored> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        found.extend(store.list(kind, None, None, 10_000).await.unwrap());
    }
    found
}

fn keys() -> KeyRing {
    KEYS.parse().unwrap()
}

/// R61: tags stay valid, because a copy keeps versions and times. Control: with another version no record verifies.
#[tokio::test]
async fn service_continues_on_a_complete_copy() {
    let host = Host::new().await;
    let (_, authenticator) = host.enroll("alice").await;
    host.next_step();
    let used = host.create("alice", ChallengeType::Totp).await.challenge.id();
    let code = authenticator.code(host.now());
    assert!(passed(host.answer(used, ChallengeType::Totp, &code).await));
    fill(&host).await;
    let open = host.create("carol", ChallengeType::Code).await;
    let replay = host.create("alice", ChallengeType::Totp).await.challenge.id();

    let target = Arc::new(MemoryStore::new());
    let (copied, found) = copy(&*host.store, &*target).await.unwrap();
    assert_eq!((copied, found), (everything(&*host.store).await.len(), 0));
    let kinds: BTreeSet<_> = everything(&*target).await.iter().map(|stored| stored.record.key.kind).collect();
    assert!(kinds.len() >= 7, "control: most kinds have records: {kinds:?}");

    let moved = Host { store: target.clone(), ..host.restarted(KEYS).await.unwrap() };
    let challenges = Challenges::builder(target, keys()).clock(moved.clock.clone()).build().await.unwrap();
    let moved = Host { challenges, ..moved };
    let report = moved.challenges.reseal(None, 500).await.unwrap();
    assert!(report.unreadable.is_empty() && report.looked_at == copied, "{report:?}");
    let renewed = MemoryStore::new();
    for (version, stored) in (1..).zip(everything(&*host.store).await) {
        put(&renewed, version, stored.record).await;
    }
    let renewed = Challenges::builder(renewed, keys()).build().await.unwrap().reseal(None, 500).await.unwrap();
    assert_eq!(renewed.unreadable.len(), copied - 1, "control: all but the salt");
    assert!(refused(moved.answer(replay, ChallengeType::Totp, &code).await), "a used code stays used");
    let code = open.code.unwrap();
    assert!(passed(moved.answer(open.challenge.id(), ChallengeType::Code, code.expose()).await));
}

#[tokio::test]
async fn interrupted_copy_resumes_and_completes() {
    let host = Host::new().await;
    bulk(&host.store).await;
    let held = everything(&*host.store).await;
    let target = Arc::new(MemoryStore::new());
    for (round, fault) in [Fault::Before, Fault::After, Fault::After].into_iter().enumerate() {
        let flaky = Flaky::sharing(target.clone());
        let mut commits = 0;
        flaky.fail_when(move |call| {
            commits += usize::from(call.method == Method::Commit);
            (commits > 300).then_some(fault)
        });
        assert!(matches!(copy(&*host.store, &flaky).await, Err(CopyError::Target(_))));
        assert!(everything(&*target).await.len() >= 300 * (round + 1));
        let early = Challenges::builder(target.clone(), keys()).build().await;
        assert!(matches!(early, Err(Error::Incomplete)), "no service starts on a partial copy");
    }

    let (copied, found) = copy(&*host.store, &*target).await.unwrap();
    assert_eq!(copied + found, held.len());
    assert!(found >= 900, "records of earlier rounds are not written again: {found}");
    assert_eq!(everything(&*target).await, held);
    let again = copy(&*host.store, &*target).await.unwrap();
    assert_eq!(again, (0, held.len()));
    assert_eq!(everything(&*target).await, held);
}

#[tokio::test]
async fn copy_does_not_change_a_store_in_use() {
    let (one, other) = (Host::new().await, Host::new().await);
    let _ = other.create("bob", ChallengeType::Code).await;
    let before = everything(&*other.store).await;
    assert!(matches!(copy(&*one.store, &*other.store).await, Err(CopyError::Occupied(key)) if key.kind == Kind::Salt));
    assert_eq!(everything(&*other.store).await, before);

    // Changes of a service that already runs on the copy stay.
    let target = MemoryStore::new();
    let open = one.create("carol", ChallengeType::Code).await;
    copy(&*one.store, &target).await.unwrap();
    let moved = Challenges::builder(target.clone(), keys()).clock(one.clock.clone()).build().await.unwrap();
    moved.delete(open.challenge.id()).await.unwrap();
    let _ = moved.create(owner("carol"), ChallengeSpec::new(ChallengeType::Code).unwrap()).await.unwrap();
    let before = everything(&target).await;
    assert!(matches!(copy(&*one.store, &target).await, Err(CopyError::Occupied(_))));
    assert_eq!(everything(&target).await, before);
}

#[tokio::test]
async fn unused_source_is_an_error() {
    let host = Host::new().await;
    let unused = MemoryStore::new();
    assert!(matches!(copy(&unused, &MemoryStore::new()).await, Err(CopyError::Unused)));
    let exchanged = copy(&unused, &*host.store).await;
    assert!(matches!(exchanged, Err(CopyError::Occupied(_))), "{exchanged:?}");
}

#[tokio::test]
async fn comparison_finds_a_record_missing_from_any_index() {
    let host = Host::new().await;
    bulk(&host.store).await;
    let due = everything(&*host.store).await.into_iter().filter(|stored| stored.record.due.is_some());
    let due: Vec<_> = due.collect();
    for stored in [&due[0], &due[due.len() / 2], &due[due.len() - 1]] {
        let key = stored.record.key;
        for view in [View::Listed, View::Loaded, View::Owned, View::Due] {
            let hiding = Hiding { store: MemoryStore::new(), key, view };
            let Err(CopyError::Differs(comparison)) = copy(&*host.store, &hiding).await else {
                panic!("{key:?} is hidden from {view:?}, and the comparison found no difference")
            };
            let found = comparison.differences.iter();
            let found: Vec<_> = found.map(|difference| (difference.key, difference.view, difference.what)).collect();
            assert_eq!(found, [(key, view, Discrepancy::Missing)]);
            let sound = compare(&*host.store, &hiding.store).await.unwrap();
            assert_eq!((sound.different, sound.alike[&Kind::Outbox]), (0, 1_500), "control: the record is there");
        }
    }
}

#[tokio::test]
async fn comparison_finds_lost_added_and_changed_records() {
    let host = Host::new().await;
    bulk(&host.store).await;
    let target = MemoryStore::new();
    copy(&*host.store, &target).await.unwrap();
    let held = everything(&target).await;
    let (changed, lost) = (&held[7], &held[BULK as usize - 7]);
    let body = Record { body: "other".into(), ..changed.record.clone() };
    let change = Write::update(changed.version, body);
    let batch = Batch::new([9; 16], vec![change]).unwrap();
    assert_eq!(target.commit(batch).await.unwrap(), Commit::Applied);
    let delete = Write::delete(lost.record.key, lost.version);
    let batch = Batch::new([9; 16], vec![delete]).unwrap();
    assert_eq!(target.commit(batch).await.unwrap(), Commit::Applied);
    let added = Key::new(Kind::Outbox, Id::new(Timestamp::MAX, u64::MAX, 1));
    put(&target, 9, Record { key: added, due: Some(Timestamp::MAX), expires: None, body: "{}".into() }).await;

    let comparison = compare(&*host.store, &target).await.unwrap();
    let found = |key: Key| {
        let of_key = comparison.differences.iter().filter(move |difference| difference.key == key);
        of_key.map(|difference| difference.what).collect::<Vec<_>>()
    };
    let changed = found(changed.record.key);
    assert!(changed.len() >= 3 && changed.iter().all(|what| *what == Discrepancy::Changed));
    let lost = found(lost.record.key);
    assert!(lost.len() >= 3 && lost.iter().all(|what| *what == Discrepancy::Missing));
    assert_eq!(found(added), [Discrepancy::Extra, Discrepancy::Extra], "listed, and due");
    assert_eq!(comparison.different, comparison.differences.len());
    assert_eq!(
        comparison.alike[&Kind::Outbox],
        held.iter().filter(|stored| stored.record.key.kind == Kind::Outbox).count() - 2
    );
}

#[tokio::test]
async fn copy_ends_although_a_list_repeats() {
    let host = Host::new().await;
    bulk(&host.store).await;
    let repeating = DefectiveStore::new(Defect::RepeatsCursor);
    copy(&*host.store, &repeating).await.expect_err("the target repeats the record at each cursor");
    let held = everything(&*host.store).await;
    let source = DefectiveStore::new(Defect::RepeatsCursor);
    for (version, stored) in (1..).zip(held) {
        put(&source, version, stored.record).await;
    }
    let stopped = copy(&source, &MemoryStore::new()).await;
    assert!(matches!(stopped, Err(CopyError::Source(StoreError::Corrupt(_)))), "{stopped:?}");
}
