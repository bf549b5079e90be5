//! Every record of a kind in one store, and side by side in two.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::{Key, Kind, ListQuery, Store, StoreError, Stored};
use crate::id::{Id, OwnerTag};

/// Records that a page holds.
const PAGE: usize = 500;

/// Which of the two stores failed.
pub(super) enum Failed {
    Source(StoreError),
    Target(StoreError),
}

/// What two stores hold at one place of the order.
pub(super) enum Pair {
    Source(Stored),
    Target(Stored),
    Both(Stored, Stored),
}

/// Every record of a kind in two stores, in order, those of one key together.
pub(super) struct Pairs<'a> {
    source: Walk<'a>,
    target: Walk<'a>,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(source: &'a dyn Store, target: &'a dyn Store, kind: Kind) -> Self {
        Self { source: Walk::new(source, kind), target: Walk::new(target, kind) }
    }

    /// Both are looked at before either is taken, so that the target is always read beyond the place of the pair: what is
    /// then put there is not met again.
    pub(super) async fn next(&mut self) -> Result<Option<Pair>, Failed> {
        let source = self.source.place().await.map_err(Failed::Source)?;
        let target = self.target.place().await.map_err(Failed::Target)?;
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

/// Every record of a kind, in the order of (owner tag, id), read page by page.
struct Walk<'a> {
    store: &'a dyn Store,
    query: ListQuery,
    page: Peekable<IntoIter<Stored>>,
    ended: bool,
    last: Option<(OwnerTag, Id)>,
}

impl<'a> Walk<'a> {
    fn new(store: &'a dyn Store, kind: Kind) -> Self {
        let query = ListQuery { kind, owner: None, after: None, limit: PAGE };
        Self { store, query, page: Vec::new().into_iter().peekable(), ended: false, last: None }
    }

    /// Where the next record stands; nothing at the end.
    async fn place(&mut self) -> Result<Option<(OwnerTag, Id)>, StoreError> {
        if self.page.peek().is_none() && !self.ended {
            let page = self.store.list(&self.query).await?;
            self.ended = page.next.is_none() || page.records.is_empty();
            self.query.after = page.next;
            self.page = page.records.into_iter().peekable();
        }
        let Some(next) = self.page.peek().map(|stored| place(stored.record.key)) else { return Ok(None) };
        // A store that lists in circles would be walked for ever.
        if self.last.is_some_and(|last| next <= last) {
            return Err(StoreError::Corrupt("the store does not list its records in order".into()));
        }
        Ok(Some(next))
    }

    fn take(&mut self) -> Option<Stored> {
        let taken = self.page.next()?;
        self.last = Some(place(taken.record.key));
        Some(taken)
    }
}

fn place(key: Key) -> (OwnerTag, Id) {
    (key.id.owner(), key.id)
}
