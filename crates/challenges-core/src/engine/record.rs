use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Engine, Now};
use crate::codec;
use crate::error::Error;
use crate::id::Id;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::{Expect, Key, Kind, Load, Loaded, Record, Stored, Version, Write};
use crate::time::Timestamp;

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
        Ok(Write::put(read.map_or(Expect::Absent, Expect::At), record))
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

    /// Returns the deletions of expired records of a kind, so that abandoned attempts do not slow later loads.
    pub(crate) fn delete_expired<E: Entity>(
        &self,
        loaded: &Loaded,
        owner: &Owner,
        now: Now,
    ) -> Result<Vec<Write>, Error> {
        let mut expired = self.owned_dead_or_alive::<E>(loaded, owner)?;
        expired.retain(|found| !found.value.is_alive(&self.policy, now.latest));
        Ok(expired.iter().map(|found| delete(&found.value, found.version)).collect())
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

/// Returns the deletion of a record.
fn delete<E: Entity>(entity: &E, version: Version) -> Write {
    Write::delete(Key::new(E::KIND, entity.record_id()), version)
}
