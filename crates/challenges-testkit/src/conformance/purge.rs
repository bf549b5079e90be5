use std::sync::Arc;

use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Stored, Write};
use challenges_core::{Store, Timestamp};
use futures::future::BoxFuture;

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, expiring_at, key, new_version, tag};
use super::race::rounds;
use crate::Yielding;

/// When the records of a race expire, and when those of them do that are written again with an expiry.
const EXPIRED: u64 = 100;
const LATER: u64 = 300;

/// What one task of a race did.
enum Attempt {
    Rewrite { commit: Commit, would_stand: Stored },
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
        ensure!(found == expected, "a purge before {before} must delete {expected} records; it says {found}");
        let is_left = |expires: Option<u64>| expires.is_none_or(|expires| expires >= before);
        let should: Vec<_> = records.iter().filter(|(_, expires)| is_left(*expires)).map(|(key, _)| *key).collect();
        let left = left(fixture, &keys).await?;
        ensure!(left == should, "a purge before {before} must leave {} records; it left {}", should.len(), left.len());
        for kind in Kind::ALL {
            let expected = should.iter().filter(|key| key.kind == kind).count();
            let listed = fixture.walk(kind, None, 100).await?.len();
            ensure!(listed == expected, "after a purge {expected} records of {kind:?} are left; {listed} are listed");
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
            "a purge of {range:?} with limit {limit} must delete {expected} records; it says {purged}",
        );
        let after = left(fixture, &keys).await?;
        ensure!(
            before.len() == after.len() + expected,
            "a purge that says {purged} left {} of {} records",
            after.len(),
            before.len(),
        );
        let outside = before.iter().find(|key| !range.contains(&key.shard().number()) && !after.contains(key));
        ensure!(outside.is_none(), "a purge of {range:?} deleted {outside:?}, of another shard");
    }
    Ok(())
}

pub(super) async fn purge_backlog(fixture: &Fixture<'_>) -> Verdict {
    // All in one shard: a store that asks each of its parts for a share has to ask that one again.
    for random in 0..45 {
        fixture.create(expiring_at(key(Kind::Challenge, tag(70, 1), 1_000, random), Some(100))).await?;
    }
    for expected in [40, 5, 0] {
        let purged = purge(fixture, 0..1_024, 200, 40).await?;
        ensure!(purged == expected, "a purge of at most 40 records must delete {expected}; it says {purged}");
        let left = fixture.walk(Kind::Challenge, None, 100).await?.len();
        let should = if expected == 40 { 5 } else { 0 };
        ensure!(left == should, "a purge must leave {should} records; it left {left}");
    }
    Ok(())
}

pub(super) async fn purge_changes(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Subject, tag(3, 1), 1_000, 1);
    let mut stored: Stored = fixture.create(expiring_at(key, Some(100))).await?;
    // Far apart, and back again, so that an index by coarse time has to follow.
    let day = 86_400_000;
    for next in [Some(day), Some(100 * day), Some(day), None, Some(day + 1), Some(u64::MAX), Some(3 * day)] {
        stored = fixture.update(&stored, expiring_at(key, next)).await?;
        let at_most = next.unwrap_or(u64::MAX);
        let purged = purge(fixture, 0..1_024, at_most.min(3 * day), 10).await?;
        ensure!(purged == 0, "a record whose expiry was moved to {next:?} was purged before");
        fixture.stands("a purge that does not concern it", &stored).await?;
    }
    let purged = purge(fixture, 0..1_024, 3 * day + 1, 10).await?;
    ensure!(purged == 1, "a record whose expiry was moved to {} was not purged after", 3 * day);
    fixture.is_gone("its purge", key).await?;
    let again = fixture.create(expiring_at(key, Some(5 * day))).await?;
    let purged = purge(fixture, 0..1_024, 4 * day, 10).await?;
    ensure!(purged == 0, "a record created again was purged for the expiry of the one before");
    fixture.stands("a purge that does not concern it", &again).await?;
    let stale = vec![Write::put(Expect::At(stored.version), expiring_at(key, None))];
    fixture.refused("an update of a version that was purged", stale).await
}

pub(super) async fn purge_race(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let mut attempts = Vec::new();
        for number in 0..(tasks / 2).max(1) {
            let key = key(Kind::Challenge, tag(number as u16 % 1_024, 1), round as u64, number as u128);
            let expired = fixture.create(expiring_at(key, Some(EXPIRED))).await?;
            let next = if number % 4 < 2 { None } else { Some(LATER) };
            let mut pair = [purge_its_shard(fixture, key), rewrite(fixture, &expired, next)];
            // Tasks of one future begin in their order: each of the two is to be first.
            if number % 2 == 1 {
                pair.reverse();
            }
            attempts.extend(pair);
        }
        let (mut purged, mut conflicts, mut expiring) = (0, 0, 0);
        for attempt in fixture.race(attempts).await? {
            match attempt {
                Attempt::Purge(count) => purged += count,
                Attempt::Rewrite { commit: Commit::Applied, would_stand } => {
                    fixture.stands("an update of an expired record beside a purge", &would_stand).await?;
                    expiring += usize::from(would_stand.record.expires.is_some());
                }
                Attempt::Rewrite { commit: Commit::Conflict, would_stand } => {
                    conflicts += 1;
                    let what = "a purge, and a Conflict of the only update beside it";
                    fixture.is_gone(what, would_stand.record.key).await?;
                }
            }
        }
        ensure!(
            purged == conflicts,
            "purges that say that they deleted {purged} records made {conflicts} updates of them a Conflict",
        );
        // Nothing is left behind of the first expiry, and nothing lost of the second.
        let purged = purge(fixture, 0..1_024, LATER, 10_000).await?;
        ensure!(
            purged == 0,
            "after a race with purges, {purged} records were purged for an expiry that they had before"
        );
        let purged = purge(fixture, 0..1_024, LATER + 1, usize::MAX).await?;
        ensure!(
            purged == expiring,
            "after a race with purges, {expiring} records have expired since; {purged} were purged",
        );
    }
    Ok(())
}

fn purge_its_shard(fixture: &Fixture<'_>, key: Key) -> BoxFuture<'static, Verdict<Attempt>> {
    let store = Yielding::sharing(Arc::clone(&fixture.store));
    let shard = key.shard().number();
    Box::pin(async move {
        let before = Timestamp::from_millis(EXPIRED + 1);
        Ok(Attempt::Purge(store.purge(shard..shard + 1, before, 10).await?))
    })
}

fn rewrite(fixture: &Fixture<'_>, expired: &Stored, expires: Option<u64>) -> BoxFuture<'static, Verdict<Attempt>> {
    let store = Yielding::sharing(Arc::clone(&fixture.store));
    let expect = Expect::At(expired.version);
    let would_stand = Stored { record: expiring_at(expired.record.key, expires), version: new_version() };
    Box::pin(async move {
        let write = Write::put(expect, would_stand.record.clone());
        let commit = store.commit(Batch::new(would_stand.version, vec![write])?).await?;
        Ok(Attempt::Rewrite { commit, would_stand })
    })
}
