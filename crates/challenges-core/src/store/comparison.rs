use std::collections::BTreeMap;
use std::ops::Range;

use futures_util::future::try_join_all;

use super::walk::{Pair, Pairs};
use super::{Comparison, CopyError, Discrepancy, Kind, Load, Store, Stored, View};
use crate::id::Id;
use crate::time::Timestamp;

/// The number of listed records to gather before looking them up. A look-up waits until the shard is complete, because
/// [`Store::due`] is asked for whole shards.
const BATCH: usize = 500;

/// The number of concurrent calls.
const CONCURRENCY: usize = 64;

/// Compares two stores record by record, in every way of reading: listed, by key, by owner and by due time.
///
/// Nothing may write to either store during the comparison. The index of expired records is not compared, because only
/// [`Store::purge`] reads that index; `expires` itself is compared.
///
/// # Errors
///
/// [`CopyError::Source`] and [`CopyError::Target`] when a store fails.
#[doc(hidden)]
pub async fn compare(source: &dyn Store, target: &dyn Store) -> Result<Comparison, CopyError> {
    let mut comparer = Comparer { source, target, comparison: Comparison::default() };
    for kind in Kind::ALL {
        comparer.compare_kind(kind).await?;
    }
    Ok(comparer.comparison)
}

/// A comparison in progress.
struct Comparer<'a> {
    source: &'a dyn Store,
    target: &'a dyn Store,
    comparison: Comparison,
}

impl Comparer<'_> {
    async fn compare_kind(&mut self, kind: Kind) -> Result<(), CopyError> {
        let mut pairs = Pairs::new(self.source, self.target, kind);
        let mut gathered: Vec<Stored> = Vec::new();
        let mut shards = 0..0;
        while let Some(pair) = pairs.next().await? {
            let Some(stored) = self.compare_listed(pair) else { continue };
            let shard = stored.record.key.shard();
            if gathered.len() >= BATCH && shard >= shards.end {
                self.look_up(kind, shards.clone(), &gathered).await?;
                gathered.clear();
                shards.start = shards.end;
            }
            shards.end = shard.saturating_add(1);
            gathered.push(stored);
        }
        self.look_up(kind, shards.start..Id::SHARDS, &gathered).await
    }

    /// Compares a pair, and returns the record of the source.
    fn compare_listed(&mut self, pair: Pair) -> Option<Stored> {
        match pair {
            Pair::Both(source, target) => {
                self.compare_record(&source, View::Listed, Some(&target));
                let alike = self.comparison.alike.entry(source.record.key.kind).or_default();
                *alike = alike.saturating_add(usize::from(source == target));
                Some(source)
            }
            Pair::Source(source) => {
                self.comparison.note(source.record.key, View::Listed, Discrepancy::Missing);
                Some(source)
            }
            Pair::Target(target) => {
                self.comparison.note(target.record.key, View::Listed, Discrepancy::Extra);
                None
            }
        }
    }

    /// Compares records of the source, in order, with the target as read by key, by owner and by due time.
    async fn look_up(&mut self, kind: Kind, shards: Range<u16>, records: &[Stored]) -> Result<(), CopyError> {
        for records in records.chunks(CONCURRENCY) {
            let loads = records.iter().map(|stored| Load::key(stored.record.key)).collect();
            for (stored, loaded) in records.iter().zip(self.load_all(loads).await?) {
                let found = loaded.iter().find(|found| found.record.key == stored.record.key);
                self.compare_record(stored, View::Loaded, found);
            }
        }
        let owner = |stored: &Stored| stored.record.key.id.owner();
        let owners: Vec<_> = records.chunk_by(|a, b| owner(a) == owner(b)).collect();
        for owners in owners.chunks(CONCURRENCY) {
            let of_first = |records: &&[Stored]| Some(Load::of(owner(records.first()?)).with_owned(&[kind]));
            let loads = owners.iter().filter_map(of_first).collect();
            for (records, loaded) in owners.iter().zip(self.load_all(loads).await?) {
                self.compare_records(View::Owned, records.iter(), loaded.iter());
            }
        }
        let due = || records.iter().filter(|stored| stored.record.due.is_some());
        // One more than expected shows whether the target has an extra record.
        let limit = due().count().saturating_add(1);
        let found = self.target.due(kind, shards, Timestamp::MAX, limit).await.map_err(CopyError::Target)?;
        self.compare_records(View::Due, due(), found.iter());
        Ok(())
    }

    fn compare_records<'a>(
        &mut self,
        view: View,
        source: impl Iterator<Item = &'a Stored>,
        target: impl Iterator<Item = &'a Stored>,
    ) {
        let mut target: BTreeMap<_, _> = target.map(|stored| (stored.record.key, stored)).collect();
        for stored in source {
            self.compare_record(stored, view, target.remove(&stored.record.key));
        }
        for key in target.into_keys() {
            self.comparison.note(key, view, Discrepancy::Extra);
        }
    }

    fn compare_record(&mut self, source: &Stored, view: View, target: Option<&Stored>) {
        match target {
            Some(target) if target == source => {}
            Some(_) => self.comparison.note(source.record.key, view, Discrepancy::Changed),
            None => self.comparison.note(source.record.key, view, Discrepancy::Missing),
        }
    }

    async fn load_all(&self, loads: Vec<Load>) -> Result<Vec<Vec<Stored>>, CopyError> {
        try_join_all(loads.iter().map(|load| self.target.load(load))).await.map_err(CopyError::Target)
    }
}
