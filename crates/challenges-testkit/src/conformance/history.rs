use std::collections::BTreeMap;

use challenges_core::store::{Batch, Id, Key, Kind, Load, Record, Stored, Write};
use challenges_core::{Store, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, key, new_version, tag};
use crate::DefectiveStore;

const STEPS: usize = 2_000;
const KINDS: [Kind; 3] = [Kind::Counters, Kind::Challenge, Kind::Outbox];
const OWNERS: [u64; 5] = [tag(0, 1), tag(0, 2), tag(15, 3), tag(16, 4), tag(1_023, 5)];
/// A small set of times, so that equal times and times at a bound are common.
const TIMES: [u64; 6] = [0, 1, 65_535, 65_536, 1 << 40, u64::MAX];

/// A generator of random calls. Writes mostly expect the current version, and sometimes an older version.
struct History {
    random: StdRng,
    stood: BTreeMap<Key, Vec<[u8; 16]>>,
}

pub(super) async fn random_history(fixture: &Fixture<'_>) -> Verdict {
    let model = DefectiveStore::sound();
    let store = &fixture.store;
    let mut history = History { random: StdRng::seed_from_u64(fixture.suite.seed), stood: BTreeMap::new() };
    for step in 0..STEPS {
        let (what, same) = match history.random.random_range(0..12_u32) {
            0..=5 => {
                let batch = history.batch()?;
                let what = format!("{batch:?}");
                (what, store.commit(batch.clone()).await? == model.commit(batch).await?)
            }
            6..=7 => {
                let load = history.load();
                let (found, expected) = (store.load(&load).await?, model.load(&load).await?);
                (format!("{load:?}"), sorted(found) == sorted(expected))
            }
            8..=9 => {
                let (kind, owner, after, limit) = history.list();
                let found = store.list(kind, owner, after, limit).await?;
                let same = found == model.list(kind, owner, after, limit).await?;
                (format!("list of {kind:?} of {owner:?} after {after:?} with limit {limit}"), same)
            }
            10 => {
                let (kind, shards, now) = (history.kind(), history.shards(), history.time());
                let found = store.due(kind, shards.clone(), now, usize::MAX).await?;
                let expected = model.due(kind, shards.clone(), now, usize::MAX).await?;
                // Records with equal due times may be in any order.
                let times = |records: &[_]| records.iter().map(due).collect::<Vec<_>>();
                let same = times(&found) == times(&expected) && sorted(found) == sorted(expected);
                (format!("due of {kind:?} in {shards:?} at {now:?}"), same)
            }
            _ => {
                let (shards, before) = (history.shards(), history.time());
                let found = store.purge(shards.clone(), before, usize::MAX).await?;
                let expected = model.purge(shards.clone(), before, usize::MAX).await?;
                (format!("purge of {shards:?} before {before:?}: {found} instead of {expected}"), found == expected)
            }
        };
        ensure!(
            same,
            "step {step} of the random history with seed {} differs from the model: {what}",
            fixture.suite.seed
        );
    }
    for kind in KINDS {
        let same = store.list(kind, None, None, usize::MAX).await? == model.list(kind, None, None, usize::MAX).await?;
        ensure!(
            same,
            "after the random history with seed {}, the records of {kind:?} differ from the model",
            fixture.suite.seed
        );
    }
    Ok(())
}

fn due(stored: &Stored) -> Option<Timestamp> {
    stored.record.due
}

fn sorted(mut records: Vec<Stored>) -> Vec<Stored> {
    records.sort_by_key(|stored| stored.record.key);
    records
}

impl History {
    fn batch(&mut self) -> Verdict<Batch> {
        let version = new_version();
        let owner = self.owner();
        let mut writes: Vec<Write> = Vec::new();
        for _ in 0..self.random.random_range(1..5_u32) {
            let key = self.key(owner);
            if writes.iter().any(|write| write.key() == key) {
                continue;
            }
            let expected = self.expected(key);
            writes.push(match self.random.random_range(0..10_u32) {
                0..=1 => Write::Keep { key, expected },
                2..=3 => Write::Delete { key, version: expected.unwrap_or_else(new_version) },
                _ => Write::Put { expected, record: self.record(key) },
            });
        }
        // Later writes may expect this version, even if the batch is rejected.
        for write in &writes {
            self.stood.entry(write.key()).or_default().push(version);
        }
        Ok(Batch::new(version, writes)?)
    }

    fn expected(&mut self, key: Key) -> Option<[u8; 16]> {
        let versions = self.stood.get(&key).map_or(&[][..], Vec::as_slice);
        let latest = versions.len();
        let back = self.random.random_range(0..4_usize);
        match latest.checked_sub(back + 1).and_then(|index| versions.get(index)) {
            Some(version) if self.random.random_range(0..3_u32) > 0 => Some(*version),
            _ => None,
        }
    }

    fn record(&mut self, key: Key) -> Record {
        let mut body = vec![0; self.random.random_range(0..64)];
        self.random.fill(body.as_mut_slice());
        let (due, expires) = (self.optional_time(), self.optional_time());
        Record { key, due, expires, body: body.into() }
    }

    fn load(&mut self) -> Load {
        let owner = self.owner();
        let request = if self.random.random() { Load::key(self.key(owner)) } else { Load::of(owner) };
        let kinds: Vec<_> = (0..self.random.random_range(0..3_u32)).map(|_| self.kind()).collect();
        request.with_owned(&kinds)
    }

    fn list(&mut self) -> (Kind, Option<u64>, Option<Id>, usize) {
        let owner = self.random.random::<bool>().then(|| self.owner());
        let other = self.owner();
        let after: Option<Id> = self.random.random::<bool>().then(|| self.key(owner.unwrap_or(other)).id);
        (self.kind(), owner, after, self.random.random_range(1..12))
    }

    fn shards(&mut self) -> std::ops::Range<u16> {
        let bounds = [0, 1, 15, 16, 17, 1_023, Id::SHARDS];
        let (start, end) = (self.one_of(&bounds), self.one_of(&bounds));
        start.min(end)..start.max(end)
    }

    fn key(&mut self, owner: u64) -> Key {
        let (created, random) = (self.random.random_range(0..3), self.random.random_range(0..2_u128));
        key(self.kind(), owner, created, random)
    }

    fn kind(&mut self) -> Kind {
        self.one_of(&KINDS)
    }

    fn owner(&mut self) -> u64 {
        self.one_of(&OWNERS)
    }

    fn time(&mut self) -> Timestamp {
        Timestamp::from_millis(self.one_of(&TIMES))
    }

    fn optional_time(&mut self) -> Option<Timestamp> {
        self.random.random::<bool>().then(|| self.time())
    }

    #[expect(clippy::indexing_slicing, reason = "the index is drawn from below the length of a non-empty array")]
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.random.random_range(0..all.len())]
    }
}
