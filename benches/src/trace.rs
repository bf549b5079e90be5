//! Recording of the store calls of an operation, for replay on a floor.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use challenges_core::store::{Batch, Commit, Id, Key, Kind, Load, StoreError, Stored, Write};
use challenges_core::{Store, Timestamp};
use challenges_memory::MemoryStore;

use crate::host::Host;
use crate::operation::{Operation, Size};

/// A store call, with the keys found, and their expiry where needed.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Load(Load, Vec<Key>),
    Commit(Batch),
    /// The kind, the owner and the limit of the first page.
    List(Kind, Option<u64>, usize, Vec<Key>),
    Purge(Timestamp, usize, Vec<(Key, Timestamp)>),
}

/// The initial records of a store, and the store calls of each measured call.
pub(crate) struct Trace {
    stored: Vec<Stored>,
    pub(crate) calls: Vec<Vec<Step>>,
}

impl Step {
    /// Returns a copy with newly allocated bodies, as from a caller.
    pub(crate) fn with_new_bodies(&self) -> Self {
        let Self::Commit(batch) = self else { return self.clone() };
        let (version, mut writes) = batch.clone().into_parts();
        for write in &mut writes {
            if let Write::Put { record, .. } = write {
                record.body = Bytes::copy_from_slice(&record.body);
            }
        }
        Self::Commit(Batch::new(version, writes).unwrap())
    }
}

impl Trace {
    /// Returns the initial records with newly allocated bodies, so that deleting a record frees memory.
    pub(crate) fn records_with_new_bodies(&self) -> Vec<Stored> {
        let mut stored = self.stored.clone();
        for Stored { record, .. } in &mut stored {
            record.body = Bytes::copy_from_slice(&record.body);
        }
        stored
    }

    /// Records slices of the operation, run by a single caller on the memory store.
    pub(crate) async fn of(operation: Operation, size: Size) -> Self {
        let recorder = Recorder::default();
        let host = Host::new(recorder.clone()).await;
        let jobs = operation.prepare(&host, size).await;
        let mut stored: Vec<_> = recorder.0.lock().unwrap().live.values().cloned().collect();
        // As they were written: neighbours in time are neighbours on disk.
        stored.sort_by_key(|stored: &Stored| {
            (stored.record.key.id.encode().as_str().to_owned(), stored.record.key.kind.code())
        });
        recorder.take();
        let mut calls = Vec::with_capacity(jobs.len());
        for job in jobs {
            job.run(&host).await;
            calls.push(recorder.take());
        }
        Self { stored, calls }
    }
}

/// A memory store that records calls.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Notes>>, MemoryStore);

#[derive(Debug, Default)]
struct Notes {
    steps: Vec<Step>,
    live: HashMap<Key, Stored>,
}

impl Recorder {
    fn take(&self) -> Vec<Step> {
        std::mem::take(&mut self.0.lock().unwrap().steps)
    }

    fn note(&self, step: Step) {
        self.0.lock().unwrap().steps.push(step);
    }
}

impl Notes {
    fn apply(&mut self, batch: &Batch) {
        for write in batch.writes() {
            match write {
                Write::Keep { .. } => {}
                Write::Put { record, .. } => {
                    self.live.insert(record.key, Stored { record: record.clone(), version: batch.version() });
                }
                Write::Delete { key, .. } => drop(self.live.remove(key)),
            }
        }
    }

    fn expired(&self, before: Timestamp) -> Vec<(Key, Timestamp)> {
        let expiry = |stored: &Stored| Some((stored.record.key, stored.record.expires?));
        self.live.values().filter_map(expiry).filter(|(_, expires)| *expires < before).collect()
    }
}

fn keys(records: &[Stored]) -> Vec<Key> {
    records.iter().map(|stored| stored.record.key).collect()
}

#[async_trait]
impl Store for Recorder {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        let loaded = self.1.load(request).await?;
        self.note(Step::Load(request.clone(), keys(&loaded)));
        Ok(loaded)
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let commit = self.1.commit(batch.clone()).await?;
        if commit == Commit::Applied {
            self.0.lock().unwrap().apply(&batch);
        }
        self.note(Step::Commit(batch));
        Ok(commit)
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let page = self.1.list(kind, owner, after, limit).await?;
        self.note(Step::List(kind, owner, limit, keys(&page)));
        Ok(page)
    }

    /// Not recorded, because only preparations call `due`.
    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.1.due(kind, shards, now, limit).await
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut found = self.0.lock().unwrap().expired(before);
        let purged = self.1.purge(shards, before, limit).await?;
        let mut left = Vec::with_capacity(found.len());
        for (key, _) in &found {
            left.push(!self.1.load(&Load::key(*key)).await?.is_empty());
        }
        let mut left = left.into_iter();
        found.retain(|_| !left.next().unwrap());
        assert_eq!(purged, found.len());
        let mut notes = self.0.lock().unwrap();
        for (key, _) in &found {
            notes.live.remove(key);
        }
        drop(notes);
        self.note(Step::Purge(before, limit, found));
        Ok(purged)
    }
}
