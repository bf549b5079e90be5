use std::collections::BTreeMap;
use std::ops::Range;

use super::copying::CopyError;
use super::walk::{Pair, Pairs};
use super::{Key, Kind, Load, Loaded, Store, Stored};
use crate::concurrent::try_join_all;
use crate::id::SHARDS;
use crate::time::Timestamp;

/// Records after which what was gathered is looked up in the other ways, once the shard is complete.
const ENOUGH: usize = 500;

/// Calls that are under way at once.
const AT_ONCE: usize = 64;

/// Differences that are kept; the others are only counted.
const KEPT: usize = 100;

/// How two stores differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// Records that both list alike, version, times and body, by kind.
    pub alike: BTreeMap<Kind, usize>,
    /// How many differences there are.
    pub different: usize,
    /// The first hundred of them.
    pub differences: Vec<Difference>,
}

/// A place in which two stores differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The record.
    pub key: Key,
    /// The way of reading that shows it.
    pub view: View,
    /// What is wrong with the target's.
    pub what: Discrepancy,
}

/// A way of reading a store; each may have an index of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum View {
    /// [`Store::list`] over all owners.
    Listed,
    /// [`Store::load`] by key.
    Loaded,
    /// [`Store::load`] of all records of the owner of that kind.
    Siblings,
    /// [`Store::due`].
    Due,
}

/// What is wrong with a record of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discrepancy {
    /// The target lacks it.
    Missing,
    /// Only the target has it.
    Extra,
    /// Version, times or body are others.
    Changed,
}

/// Compares two stores record by record, as each way of reading shows them: listed, by key, by owner, and by what is due.
///
/// Nothing may write to either meanwhile. What a store keeps to find expired records is not compared, since
/// [`Store::purge`] alone reads it; it follows from `expires`, which is.
///
/// # Errors
///
/// [`CopyError::Source`] and [`CopyError::Target`] when a store fails.
pub async fn compare(source: &dyn Store, target: &dyn Store) -> Result<Comparison, CopyError> {
    let mut comparison = Comparison::default();
    for kind in Kind::ALL {
        comparison.walk(source, target, kind).await?;
    }
    Ok(comparison)
}

impl Comparison {
    async fn walk(&mut self, source: &dyn Store, target: &dyn Store, kind: Kind) -> Result<(), CopyError> {
        let mut pairs = Pairs::new(source, target, kind);
        let mut gathered: Vec<Stored> = Vec::new();
        let mut shards = 0..0;
        while let Some(pair) = pairs.next().await? {
            let Some(stored) = self.take(pair) else { continue };
            let shard = stored.record.key.shard().number();
            if gathered.len() >= ENOUGH && shard >= shards.end {
                self.look_up(target, kind, shards.clone(), &gathered).await?;
                gathered.clear();
                shards.start = shards.end;
            }
            shards.end = shard.saturating_add(1);
            gathered.push(stored);
        }
        self.look_up(target, kind, shards.start..SHARDS, &gathered).await
    }

    /// The source's record of the pair, compared with the target's.
    fn take(&mut self, pair: Pair) -> Option<Stored> {
        match pair {
            Pair::Both(source, target) => {
                self.hold(&source, View::Listed, Some(&target));
                let alike = self.alike.entry(source.record.key.kind).or_default();
                *alike = alike.saturating_add(usize::from(source == target));
                Some(source)
            }
            Pair::Source(source) => {
                self.note(source.record.key, View::Listed, Discrepancy::Missing);
                Some(source)
            }
            Pair::Target(target) => {
                self.note(target.record.key, View::Listed, Discrepancy::Extra);
                None
            }
        }
    }

    /// Compares the source's records of those shards, in order, with what the target shows in the other ways.
    async fn look_up(
        &mut self,
        target: &dyn Store,
        kind: Kind,
        shards: Range<u16>,
        records: &[Stored],
    ) -> Result<(), CopyError> {
        for records in records.chunks(AT_ONCE) {
            let loads = records.iter().map(|stored| Load::key(stored.record.key)).collect();
            for (stored, loaded) in records.iter().zip(load_all(target, loads).await?) {
                self.hold(stored, View::Loaded, loaded.find(stored.record.key));
            }
        }
        let owner = |stored: &Stored| stored.record.key.id.owner();
        let owners: Vec<_> = records.chunk_by(|a, b| owner(a) == owner(b)).collect();
        for owners in owners.chunks(AT_ONCE) {
            let of_first = |records: &&[Stored]| Some(Load::of(owner(records.first()?)).with_siblings(&[kind]));
            let loads = owners.iter().filter_map(of_first).collect();
            for (records, loaded) in owners.iter().zip(load_all(target, loads).await?) {
                self.hold_all(View::Siblings, records.iter(), loaded.records().iter());
            }
        }
        let due = || records.iter().filter(|stored| stored.record.due.is_some());
        // One more than there should be shows whether there is another.
        let limit = due().count().saturating_add(1);
        let found = target.due(kind, shards, Timestamp::MAX, limit).await.map_err(CopyError::Target)?;
        self.hold_all(View::Due, due(), found.iter());
        Ok(())
    }

    fn hold_all<'a>(
        &mut self,
        view: View,
        source: impl Iterator<Item = &'a Stored>,
        target: impl Iterator<Item = &'a Stored>,
    ) {
        let mut target: BTreeMap<_, _> = target.map(|stored| (stored.record.key, stored)).collect();
        for stored in source {
            self.hold(stored, view, target.remove(&stored.record.key));
        }
        for key in target.into_keys() {
            self.note(key, view, Discrepancy::Extra);
        }
    }

    fn hold(&mut self, source: &Stored, view: View, target: Option<&Stored>) {
        match target {
            Some(target) if target == source => {}
            Some(_) => self.note(source.record.key, view, Discrepancy::Changed),
            None => self.note(source.record.key, view, Discrepancy::Missing),
        }
    }

    fn note(&mut self, key: Key, view: View, what: Discrepancy) {
        self.different = self.different.saturating_add(1);
        if self.differences.len() < KEPT {
            self.differences.push(Difference { key, view, what });
        }
    }
}

async fn load_all(target: &dyn Store, loads: Vec<Load>) -> Result<Vec<Loaded>, CopyError> {
    try_join_all(loads.iter().map(|load| target.load(load))).await.map_err(CopyError::Target)
}
