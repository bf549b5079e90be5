use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Engine, Now};
use crate::codec;
use crate::error::Error;
use crate::id::{Id, OwnerTag};
use crate::keyring::{RecordTags, TagState, untrusted};
use crate::observer::{Observation, Observer};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::{Batch, Commit, Key, Kind, Load, Loaded, Record, Store, StoreError, Stored, Version, Write};
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

/// A page of records.
pub(crate) struct Page<T> {
    pub(crate) records: Vec<T>,
    /// The id to continue after; absent on the last page.
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
    pub(crate) fn checked(&self, records: Vec<Stored>) -> Loaded {
        Loaded::new(records.into_iter().map(|stored| self.check(stored).0).collect())
    }

    /// Loads one record, with the state of the tag.
    pub(crate) async fn load_tagged(&self, key: Key) -> Result<Option<(Stored, TagState)>, StoreError> {
        let found = self.store.load(&Load::key(key)).await?;
        Ok(found.into_iter().find(|stored| stored.record.key == key).map(|stored| self.check(stored)))
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
    pub(crate) async fn list(
        &self,
        kind: Kind,
        owner: Option<OwnerTag>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Page<Stored>, StoreError> {
        let Page { records, next } = self.list_tagged(kind, owner, after, limit).await?;
        Ok(Page { records: records.into_iter().map(|(stored, _)| stored).collect(), next })
    }

    /// Lists records, each with the state of the tag.
    pub(crate) async fn list_tagged(
        &self,
        kind: Kind,
        owner: Option<OwnerTag>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Page<(Stored, TagState)>, StoreError> {
        let records = self.store.list(kind, owner, after, limit).await?;
        let next = records.last().filter(|_| records.len() >= limit).map(|last| last.record.key.id);
        Ok(Page { records: self.check_kind(kind, records).collect(), next })
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

/// A type stored as a record of an owner.
pub(crate) trait Entity: Sized + Send {
    /// The kind of the record.
    const KIND: Kind;
    /// The stored form.
    type Body: Serialize + DeserializeOwned;

    fn from_body(body: Self::Body) -> Self;
    fn body(&self) -> &Self::Body;
    fn record_id(&self) -> Id;
    fn record_owner(&self) -> &Owner;

    /// Returns when the record may be deleted as garbage.
    fn garbage_at(&self, policy: &Policy) -> Option<Timestamp>;

    /// Returns whether readers see the record: pending enrollments and unconfirmed endpoints expire.
    fn is_alive(&self, policy: &Policy, now: Timestamp) -> bool;

    fn decode(stored: &Stored) -> Result<Self, Error> {
        codec::decode(&stored.record.body).map(Self::from_body)
    }
}

/// A value as read from the store, with the version to assert when writing.
#[derive(Clone)]
pub(crate) struct Versioned<T> {
    pub(crate) value: T,
    pub(crate) version: Version,
}

impl<E: Entity> Versioned<E> {
    /// Returns the write that deletes the record.
    pub(crate) fn delete(&self) -> Write {
        Write::delete(Key::new(E::KIND, self.value.record_id()), self.version)
    }
}

/// Returns a request for the record with this id.
pub(crate) fn load<E: Entity>(id: Id) -> Load {
    Load::key(Key::new(E::KIND, id))
}

/// Finds and decodes the record with this id among the loaded records.
pub(crate) fn find<E: Entity>(loaded: &Loaded, id: Id) -> Result<Versioned<E>, Error> {
    let stored = loaded.find(Key::new(E::KIND, id)).ok_or(Error::NotFound)?;
    Ok(Versioned { value: E::decode(stored)?, version: stored.version })
}

/// Finds the record like [`find`], and refuses the record of another owner.
pub(crate) fn find_owned<E: Entity>(loaded: &Loaded, owner: &Owner, id: Id) -> Result<Versioned<E>, Error> {
    let found = find::<E>(loaded, id)?;
    if found.value.record_owner() == owner { Ok(found) } else { Err(Error::NotFound) }
}

impl Engine {
    /// Returns the write that stores `entity` over the version read before, or as a new record.
    pub(crate) fn put<E: Entity>(&self, entity: &E, read: Option<Version>) -> Result<Write, Error> {
        let record = Record {
            key: Key::new(E::KIND, entity.record_id()),
            due: None,
            expires: entity.garbage_at(&self.policy),
            body: codec::encode(entity.body())?,
        };
        Ok(Write::Put { expected: read, record })
    }

    /// Returns a request for all records of these kinds of the owner.
    pub(crate) fn load_owned(&self, owner: &Owner, kinds: &[Kind]) -> Load {
        Load::of(self.owner_tags.tag(owner)).with_owned(kinds)
    }

    /// Returns the live records of a kind of the owner. Owners with equal tags share a shard, so the owner in each
    /// record decides.
    pub(crate) fn owned<E: Entity>(
        &self,
        loaded: &Loaded,
        owner: &Owner,
        now: Now,
    ) -> Result<Vec<Versioned<E>>, Error> {
        let mut owned = self.owned_dead_or_alive::<E>(loaded, owner)?;
        owned.retain(|found| found.value.is_alive(&self.policy, now.latest));
        Ok(owned)
    }

    /// Returns the live records like [`Engine::owned`], without those that cannot be verified or decoded. For effects that
    /// must not stop the change that causes them.
    pub(crate) fn owned_and_readable<E: Entity>(&self, loaded: &Loaded, owner: &Owner, now: Now) -> Vec<E> {
        let mut readable: Vec<E> = loaded.of_kind(E::KIND).filter_map(|stored| E::decode(stored).ok()).collect();
        readable.retain(|value| value.record_owner() == owner && value.is_alive(&self.policy, now.latest));
        readable
    }

    /// Returns the deletions of expired records of a kind, so that abandoned attempts do not slow later loads.
    pub(crate) fn delete_expired<E: Entity>(
        &self,
        loaded: &Loaded,
        owner: &Owner,
        now: Now,
    ) -> Result<Vec<Write>, Error> {
        let mut expired = self.owned_dead_or_alive::<E>(loaded, owner)?;
        expired.retain(|found| !found.value.is_alive(&self.policy, now.latest));
        Ok(expired.iter().map(Versioned::delete).collect())
    }

    fn owned_dead_or_alive<E: Entity>(&self, loaded: &Loaded, owner: &Owner) -> Result<Vec<Versioned<E>>, Error> {
        let mut owned = Vec::new();
        for stored in loaded.of_kind(E::KIND) {
            let value = E::decode(stored)?;
            if value.record_owner() == owner {
                owned.push(Versioned { value, version: stored.version });
            }
        }
        Ok(owned)
    }
}
