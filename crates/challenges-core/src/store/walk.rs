//! Walks over all records of a kind: in one store, and side by side in two.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::{CopyError, Key, Kind, Store, StoreError, Stored};
use crate::id::{Id, OwnerTag};

/// The number of records per page.
const PAGE: usize = 500;

/// The records of two stores under one key.
pub(super) enum Pair {
    Source(Stored),
    Target(Stored),
    Both(Stored, Stored),
}

/// A walk over the records of a kind in two stores, in order, key by key.
pub(super) struct Pairs<'a> {
    source: Walk<'a>,
    target: Walk<'a>,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(source: &'a dyn Store, target: &'a dyn Store, kind: Kind) -> Self {
        Self { source: Walk::new(source, kind), target: Walk::new(target, kind) }
    }

    /// Returns the next pair.
    ///
    /// Both stores are read ahead before a record is taken. So the target is always read beyond the pair, and a record
    /// put there now is not met again.
    pub(super) async fn next(&mut self) -> Result<Option<Pair>, CopyError> {
        let source = self.source.position().await.map_err(CopyError::Source)?;
        let target = self.target.position().await.map_err(CopyError::Target)?;
        let order = match (source, target) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(source), Some(target)) => source.cmp(&target),
        };
        let pair = match order {
            Ordering::Less => self.source.take().map(Pair::Source),
            Ordering::Greater => self.target.take().map(Pair::Target),
            Ordering::Equal => {
                self.source.take().zip(self.target.take()).map(|(source, target)| Pair::Both(source, target))
            }
        };
        Ok(pair)
    }
}

/// A walk over the records of a kind, page by page, in the order of (owner tag, id).
struct Walk<'a> {
    store: &'a dyn Store,
    kind: Kind,
    page: Peekable<IntoIter<Stored>>,
    is_last_page: bool,
    last: Option<(OwnerTag, Id)>,
}

impl<'a> Walk<'a> {
    fn new(store: &'a dyn Store, kind: Kind) -> Self {
        Self { store, kind, page: Vec::new().into_iter().peekable(), is_last_page: false, last: None }
    }

    /// Returns the position of the next record, or `None` at the end.
    async fn position(&mut self) -> Result<Option<(OwnerTag, Id)>, StoreError> {
        if self.page.peek().is_none() && !self.is_last_page {
            let page = self.store.list(self.kind, None, self.last.map(|(_, id)| id), PAGE).await?;
            self.is_last_page = page.len() < PAGE;
            self.page = page.into_iter().peekable();
        }
        let Some(next) = self.page.peek().map(|stored| position(stored.record.key)) else { return Ok(None) };
        // The walk over a store that lists in circles would never end.
        if self.last.is_some_and(|last| next <= last) {
            return Err(StoreError::Corrupt("the store does not list its records in order".into()));
        }
        Ok(Some(next))
    }

    fn take(&mut self) -> Option<Stored> {
        let taken = self.page.next()?;
        self.last = Some(position(taken.record.key));
        Some(taken)
    }
}

fn position(key: Key) -> (OwnerTag, Id) {
    (key.id.owner(), key.id)
}
