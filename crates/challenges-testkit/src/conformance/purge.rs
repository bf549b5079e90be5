use std::sync::Arc;

use challenges_core::store::{Batch, Commit, Key, Kind, Stored, Write};
use challenges_core::{Store, Timestamp};
use futures::future::BoxFuture;

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, expiring_at, key, new_version, tag};
use super::race::rounds;
use crate::Yielding;

/// The expiry time of the records of a race, and the later expiry time of some rewritten records.
const EXPIRED: u64 = 100;
const LATER: u64 = 300;

/// The result of one task of a race.
enum Attempt {
    Rewrite { commit: Commit, written: Stored },
    Purge(usize),
}

async fn purge(fixture: &Fixture<'_>, shards: std::ops::Range<u16>, before: u64, limit: usize) -> Verdict<usize> {
    Ok(fixture.store.purge(shards, Timestamp::from_millis(before), limit).await?)
}

async fn left(fixture: &Fixture<'_>, keys: &[Key]) -> Verdict<Vec<Key>> {
    let mut left = Vec::new();
    for key in keys {
        left.extend(fixture.find(*key).await?.map(|stored| stored.record.key));
    }
    Ok(left)
}

pub(super) async fn purge_of_expired(fixture: &Fixture<'_>) -> Verdict {
    let times = [Some(0), Some(1), Some(999), Some(1_000), Some(1_001), Some(70_000_000), Some(u64::MAX), None];
    let mut records = Vec::new();
    for kind in Kind::ALL {
        for (number, expires) in times.into_iter().enumerate() {
            let key = key(kind, tag(128 * number as u16, 1), 5, 1);
            fixture.create(expiring_at(key, expires)).await?;
            records.push((key, expires));
        }
    }
    let keys: Vec<_> = records.iter().map(|(key, _)| *key).collect();
    for (before, of_each) in [(0, 0), (1, 1), (1_000, 2), (1_001, 1), (1_001, 0), (u64::MAX, 2)] {
        let expected = of_each * Kind::ALL.len();
        let found = purge(fixture, 0..1_024, before, 1_000).await?;
        ensure!(found == expected, "a purge before {before} must delete {expected} records; it returned {found}");
        let is_left = |expires: Option<u64>| expires.is_none_or(|expires| expires >= before);
        let should: Vec<_> = records.iter().filter(|(_, expires)| is_left(*expires)).map(|(key, _)| *key).collect();
        let left = left(fixture, &keys).await?;
        ensure!(left == should, "a purge before {before} must leave {} records; it left {}", should.len(), left.len());
        for kind in Kind::ALL {
            let expected = should.iter().filter(|key| key.kind == kind).count();
            let listed = fixture.walk(kind, None, 100).await?.len();
            ensure!(listed == expected, "after a purge, {expected} records of {kind:?} must be listed; found {listed}");
        }
    }
    Ok(())
}

pub(super) async fn purge_shards(fixture: &Fixture<'_>) -> Verdict {
    let mut keys = Vec::new();
    for shard in [0_u16, 1, 15, 16, 17, 512, 1_023] {
        for random in 0..5 {
            let key = key(Kind::Challenge, tag(shard, u64::MAX >> 10), 1_000, random);
            fixture.create(expiring_at(key, Some(100))).await?;
            keys.push(key);
        }
    }
    for (range, limit, expected) in [
        (0..0, 100, 0),
        (2..15, 100, 0),
        (16..17, 2, 2),
        (16..17, 0, 0),
        (16..17, 100, 3),
        (16..17, 100, 0),
        (17..513, 7, 7),
        (17..513, 7, 3),
        (0..1_024, 1, 1),
        (0..1_024, 18, 18),
        (0..1_024, usize::MAX, 1),
    ] {
        let before = left(fixture, &keys).await?;
        let purged = purge(fixture, range.clone(), 200, limit).await?;
        ensure!(
            purged == expected,
            "a purge of {range:?} with limit {limit} must delete {expected} records; it returned {purged}",
        );
        let after = left(fixture, &keys).await?;
        ensure!(
            before.len() == after.len() + expected,
            "a purge that returned {purged} left {} of {} records",
            after.len(),
            before.len(),
        );
        let outside = before.iter().find(|key| !range.contains(&key.shard()) && !after.contains(key));
        ensure!(outside.is_none(), "a purge of {range:?} deleted {outside:?} from another shard");
    }
    Ok(())
}

pub(super) async fn purge_backlog(fixture: &Fixture<'_>) -> Verdict {
    // All records are in one shard, so a store that divides the limit over partitions must ask that partition again.
    for random in 0..45 {
        fixture.create(expiring_at(key(Kind::Challenge, tag(70, 1), 1_000, random), Some(100))).await?;
    }
    for expected in [40, 5, 0] {
        let purged = purge(fixture, 0..1_024, 200, 40).await?;
        ensure!(purged == expected, "a purge with limit 40 must delete {expected} records; it returned {purged}");
        let left = fixture.walk(Kind::Challenge, None, 100).await?.len();
        let should = if expected == 40 { 5 } else { 0 };
        ensure!(left == should, "a purge must leave {should} records; it left {left}");
    }
    Ok(())
}

pub(super) async fn purge_changes(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Counters, tag(3, 1), 1_000, 1);
    let mut stored: Stored = fixture.create(expiring_at(key, Some(100))).await?;
    // Large moves in both directions, for stores with an index of coarse times.
    let day = 86_400_000;
    for next in [Some(day), Some(100 * day), Some(day), None, Some(day + 1), Some(u64::MAX), Some(3 * day)] {
        stored = fixture.update(&stored, expiring_at(key, next)).await?;
        let at_most = next.unwrap_or(u64::MAX);
        let purged = purge(fixture, 0..1_024, at_most.min(3 * day), 10).await?;
        ensure!(purged == 0, "a record with the expiry time moved to {next:?} was purged before that time");
        fixture.is_stored("a purge before the expiry time", &stored).await?;
    }
    let purged = purge(fixture, 0..1_024, 3 * day + 1, 10).await?;
    ensure!(purged == 1, "a record with the expiry time moved to {} was not purged after that time", 3 * day);
    fixture.is_gone("its purge", key).await?;
    let again = fixture.create(expiring_at(key, Some(5 * day))).await?;
    let purged = purge(fixture, 0..1_024, 4 * day, 10).await?;
    ensure!(purged == 0, "a record that was created again was purged by the expiry time of its predecessor");
    fixture.is_stored("a purge before the expiry time", &again).await?;
    let stale = vec![Write::update(stored.version, expiring_at(key, None))];
    fixture.refused("an update of a purged version", stale).await
}

pub(super) async fn purge_race(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let mut attempts = Vec::new();
        for number in 0..(tasks / 2).max(1) {
            let key = key(Kind::Challenge, tag(number as u16 % 1_024, 1), round as u64, number as u128);
            let expired = fixture.create(expiring_at(key, Some(EXPIRED))).await?;
            let next = if number % 4 < 2 { None } else { Some(LATER) };
            let mut pair = [purge_its_shard(fixture, key), rewrite(fixture, &expired, next)];
            // Tasks in one future start in order, so alternate which of the two starts first.
            if number % 2 == 1 {
                pair.reverse();
            }
            attempts.extend(pair);
        }
        let (mut purged, mut conflicts, mut expiring) = (0, 0, 0);
        for attempt in fixture.race(attempts).await? {
            match attempt {
                Attempt::Purge(count) => purged += count,
                Attempt::Rewrite { commit: Commit::Applied, written } => {
                    fixture.is_stored("an update of an expired record during a purge", &written).await?;
                    expiring += usize::from(written.record.expires.is_some());
                }
                Attempt::Rewrite { commit: Commit::Conflict, written } => {
                    conflicts += 1;
                    let what = "a purge, and a Conflict of the only concurrent update";
                    fixture.is_gone(what, written.record.key).await?;
                }
            }
        }
        ensure!(
            purged == conflicts,
            "purges deleted {purged} records, but {conflicts} concurrent updates returned Conflict; the counts must match",
        );
        // The old expiry time must be forgotten, and the new expiry time must apply.
        let purged = purge(fixture, 0..1_024, LATER, 10_000).await?;
        ensure!(purged == 0, "after a race with purges, {purged} records were purged by an old expiry time");
        let purged = purge(fixture, 0..1_024, LATER + 1, usize::MAX).await?;
        ensure!(
            purged == expiring,
            "after a race with purges, {expiring} records have expired, but {purged} were purged",
        );
    }
    Ok(())
}

fn purge_its_shard(fixture: &Fixture<'_>, key: Key) -> BoxFuture<'static, Verdict<Attempt>> {
    let store = Yielding::sharing(Arc::clone(&fixture.store));
    let shard = key.shard();
    Box::pin(async move {
        let before = Timestamp::from_millis(EXPIRED + 1);
        Ok(Attempt::Purge(store.purge(shard..shard + 1, before, 10).await?))
    })
}

fn rewrite(fixture: &Fixture<'_>, expired: &Stored, expires: Option<u64>) -> BoxFuture<'static, Verdict<Attempt>> {
    let store = Yielding::sharing(Arc::clone(&fixture.store));
    let expect = Some(expired.version);
    let written = Stored { record: expiring_at(expired.record.key, expires), version: new_version() };
    Box::pin(async move {
        let write = Write::put(expect, written.record.clone());
        let commit = store.commit(Batch::new(written.version, vec![write])?).await?;
        Ok(Attempt::Rewrite { commit, written })
    })
}
