use std::collections::BTreeSet;
use std::ops::Range;

use challenges_core::Timestamp;
use challenges_core::store::{Commit, Id, Key, Kind, Load, Record, StoreError, Stored, Write};

use crate::bound::Bound;
use crate::expiry::Expiry;
use crate::owners::Owners;

/// The records and indices of some shards, guarded by a single lock.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    owners: Owners,
    expiry: Expiry,
    due: BTreeSet<(Kind, Timestamp, Id)>,
}

impl Partition {
    pub(crate) fn load(&self, request: &Load) -> Vec<Stored> {
        let kinds = request.owned_kinds();
        let is_owned = |key: &Key| key.id.owner() == request.owner() && kinds.contains(&key.kind);
        let key = request.requested_key().filter(|key| !is_owned(key));
        let mut records = Vec::with_capacity(1 + kinds.len());
        records.extend(key.and_then(|key| self.owners.find(key)).cloned());
        for (index, kind) in kinds.iter().enumerate() {
            if !kinds.iter().take(index).any(|earlier| earlier == kind) {
                records.extend_from_slice(self.owners.of_kind(request.owner(), *kind));
            }
        }
        records
    }

    /// Applies all writes or none. All checks run before the first change.
    pub(crate) fn commit(
        &mut self,
        version: [u8; 16],
        writes: Vec<Write>,
        bound: Option<&Bound>,
    ) -> Result<Commit, StoreError> {
        let (mut created, mut deleted) = (0_usize, 0_usize);
        for write in &writes {
            let key = write.key();
            let found = self.owners.find(key).map(|stored| stored.version);
            if write.expected() != found {
                return Ok(Commit::Conflict);
            }
            if key.kind.is_bounded() {
                created += usize::from(found.is_none() && matches!(write, Write::Put { .. }));
                deleted += usize::from(matches!(write, Write::Delete { .. }));
            }
        }
        if let Some(bound) = bound
            && created > deleted
        {
            bound.reserve(created - deleted)?;
        }
        for write in writes {
            match write {
                Write::Keep { .. } => {}
                Write::Put { expected: None, record } => self.insert(Stored { record, version }),
                Write::Put { expected: Some(_), record } => self.replace(record, version),
                Write::Delete { key, .. } => self.remove(key),
            }
        }
        if let Some(bound) = bound
            && deleted > created
        {
            bound.release(deleted - created);
        }
        Ok(Commit::Applied)
    }

    /// Appends records of the owner, or of every owner here, in (owner, id) order until `page` holds `limit` records.
    pub(crate) fn list(&self, kind: Kind, owner: Option<u64>, after: Option<Id>, limit: usize, page: &mut Vec<Stored>) {
        let first = after.map_or(0, |id| id.owner());
        match owner {
            Some(owner) if owner < first => {}
            Some(owner) => self.list_owner(kind, owner, after, limit, page),
            None => {
                for owner in self.owners.tags_from(first) {
                    if page.len() == limit {
                        return;
                    }
                    self.list_owner(kind, owner, after, limit, page);
                }
            }
        }
    }

    fn list_owner(&self, kind: Kind, owner: u64, after: Option<Id>, limit: usize, page: &mut Vec<Stored>) {
        let records = self.owners.of_kind(owner, kind);
        let seen = |stored: &Stored| after.is_some_and(|id| (owner, stored.record.key.id) <= (id.owner(), id));
        let (_, rest) = records.split_at(records.partition_point(seen));
        page.extend(rest.iter().take(limit - page.len()).cloned());
    }

    /// Appends at most `limit` due records of a kind, longest overdue first.
    pub(crate) fn due(&self, kind: Kind, shards: &Range<u16>, now: Timestamp, limit: usize, found: &mut Vec<Stored>) {
        let first = Id::new(Timestamp::default(), 0, 0);
        let due = self.due.range((kind, Timestamp::default(), first)..);
        let due = due.take_while(|(of, due, _)| *of == kind && *due <= now).map(|(_, _, id)| id);
        let due = due.filter(|id| shards.contains(&id.shard()));
        found.extend(due.filter_map(|id| self.owners.find(Key::new(kind, *id))).take(limit).cloned());
    }

    /// Deletes at most `limit` records that expired before `before`, and returns the number deleted.
    pub(crate) fn purge(
        &mut self,
        shards: &Range<u16>,
        before: Timestamp,
        limit: usize,
        bound: Option<&Bound>,
    ) -> usize {
        let is_expired = |key: &Key| {
            let expires = self.owners.find(*key).and_then(|stored| stored.record.expires);
            expires.is_some_and(|expires| expires < before) && shards.contains(&key.shard())
        };
        let mut keys: Vec<_> = self.expiry.candidates(before).filter(is_expired).take(limit).collect();
        keys.sort_unstable_by_key(|key| (key.id.owner(), *key));
        for keys in keys.chunk_by(|a, b| a.id.owner() == b.id.owner()) {
            let Some(owner) = keys.first().map(|key| key.id.owner()) else { continue };
            for stored in self.owners.remove_all(owner, keys) {
                self.unindex(&stored.record);
            }
        }
        if let Some(bound) = bound {
            bound.release(keys.iter().filter(|key| key.kind.is_bounded()).count());
        }
        keys.len()
    }

    fn insert(&mut self, stored: Stored) {
        let Record { key, due, expires, .. } = stored.record;
        self.expiry.change(key, None, expires);
        if let Some(due) = due {
            self.due.insert((key.kind, due, key.id));
        }
        self.owners.insert(stored);
    }

    fn replace(&mut self, record: Record, version: [u8; 16]) {
        let Record { key, due, expires, .. } = record;
        let Some(stored) = self.owners.find_mut(key) else { return };
        let old = std::mem::replace(stored, Stored { record, version }).record;
        self.expiry.change(key, old.expires, expires);
        if old.due != due {
            if let Some(old) = old.due {
                self.due.remove(&(key.kind, old, key.id));
            }
            if let Some(due) = due {
                self.due.insert((key.kind, due, key.id));
            }
        }
    }

    fn remove(&mut self, key: Key) {
        if let Some(stored) = self.owners.remove(key) {
            self.unindex(&stored.record);
        }
    }

    fn unindex(&mut self, record: &Record) {
        self.expiry.change(record.key, record.expires, None);
        if let Some(due) = record.due {
            self.due.remove(&(record.key.kind, due, record.key.id));
        }
    }
}
