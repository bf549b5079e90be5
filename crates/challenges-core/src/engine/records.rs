use std::ops::Range;
use std::sync::Arc;

use crate::id::Id;
use crate::keyring::{RecordTags, TagState, untrusted};
use crate::observer::{Observation, Observer};
use crate::store::{Batch, Commit, Key, Kind, ListQuery, Load, Loaded, Page, Store, StoreError, Stored};
use crate::time::Timestamp;

/// The store of a service, with every record authenticated: each record put gets a tag, and each record read is
/// verified.
///
/// A record that anybody but the service wrote, changed or moved is observed, and gets a body that does not decode.
/// Every use of such a record fails, and all other records can still be read.
#[derive(Debug)]
pub(crate) struct Records {
    store: Box<dyn Store>,
    tags: RecordTags,
    observer: Arc<dyn Observer>,
}

/// A page of records, each with the state of the tag.
pub(crate) struct TaggedPage {
    pub(crate) records: Vec<(Stored, TagState)>,
    pub(crate) next: Option<Id>,
}

impl Records {
    pub(super) fn new(store: Box<dyn Store>, tags: RecordTags, observer: Arc<dyn Observer>) -> Self {
        Self { store, tags, observer }
    }

    /// Loads records as [`Store::load`] does.
    pub(crate) async fn load(&self, request: &Load) -> Result<Loaded, StoreError> {
        Ok(self.checked(self.store.load(request).await?))
    }

    /// Verifies loaded records, read by the store or by a host's transaction.
    pub(crate) fn checked(&self, loaded: Loaded) -> Loaded {
        Loaded::new(loaded.into_records().into_iter().map(|stored| self.check(stored).0).collect())
    }

    /// Loads one record, with the state of the tag.
    pub(crate) async fn load_tagged(&self, key: Key) -> Result<Option<(Stored, TagState)>, StoreError> {
        let loaded = self.store.load(&Load::key(key)).await?;
        Ok(loaded.find(key).map(|stored| self.check(stored.clone())))
    }

    /// Commits a batch as [`Store::commit`] does.
    pub(crate) async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        self.store.commit(self.tagged(batch)).await
    }

    /// Returns the batch with a tag on each record put, to be written by the store or by a host's transaction.
    pub(crate) fn tagged(&self, batch: Batch) -> Batch {
        batch.map_records(|record, version| self.tags.tagged(record, version))
    }

    /// Lists records as [`Store::list`] does.
    pub(crate) async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let TaggedPage { records, next } = self.list_tagged(query).await?;
        Ok(Page { records: records.into_iter().map(|(stored, _)| stored).collect(), next })
    }

    /// Lists records, each with the state of the tag.
    pub(crate) async fn list_tagged(&self, query: &ListQuery) -> Result<TaggedPage, StoreError> {
        let Page { records, next } = self.store.list(query).await?;
        Ok(TaggedPage { records: self.check_kind(query.kind, records).collect(), next })
    }

    /// Returns due records as [`Store::due`] does.
    pub(crate) async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let due = self.store.due(kind, shards, now, limit).await?;
        Ok(self.check_kind(kind, due).map(|(stored, _)| stored).collect())
    }

    /// Deletes expired records as [`Store::purge`] does. The expiry is read from the store and not verified.
    pub(crate) async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.purge(shards, before, limit).await
    }

    /// Verifies records listed for a kind, and leaves out records of another kind: readers decode without checking the
    /// kind again.
    fn check_kind(&self, kind: Kind, records: Vec<Stored>) -> impl Iterator<Item = (Stored, TagState)> {
        let is_of_kind = move |stored: &Stored| stored.record.key.kind == kind;
        records.into_iter().filter(is_of_kind).map(|stored| self.check(stored))
    }

    fn check(&self, stored: Stored) -> (Stored, TagState) {
        let (stored, state) = self.tags.checked(stored);
        if let Some(reason) = untrusted::reason(&stored.record.body) {
            self.observer.observe(&Observation::RecordUntrusted { key: stored.record.key, reason: &reason });
        }
        (stored, state)
    }
}
