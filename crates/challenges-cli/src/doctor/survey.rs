use std::collections::BTreeMap;

use challenges_core::store::{Id, Kind, StoreError};
use challenges_core::{Owner, Store, Timestamp};
use serde_json::{Deserializer, Value};

use super::endpoints::Addresses;

const PAGE: usize = 500;
/// The maximum number of pages read of each kind, unless all records are read.
const PAGES: usize = 20;

/// Counts of the records of a store.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The number of records of each kind.
    pub(super) records: BTreeMap<&'static str, usize>,
    /// The number of expired records.
    pub(super) expired: usize,
    /// The expiry of the record that expired first.
    pub(super) oldest_expiry: Option<Timestamp>,
    /// The number of due outbox entries, at most a page.
    pub(super) overdue: usize,
    /// The due time of the first due entry.
    pub(super) oldest_due: Option<Timestamp>,
    /// The addresses, except those that expire, which no user has confirmed.
    pub(super) addresses: Addresses,
    /// `true` if every record was read.
    pub(super) is_complete: bool,
}

impl Survey {
    /// Counts the records of every kind, at most 10,000 of each unless `all` is true. Changes nothing.
    pub(super) async fn take(store: &dyn Store, now: Timestamp, all: bool) -> Result<Self, StoreError> {
        let mut survey = Self { is_complete: true, ..Self::default() };
        let due = store.due(Kind::Outbox, 0..Id::SHARDS, now, PAGE).await?;
        survey.overdue = due.len();
        survey.oldest_due = due.first().and_then(|stored| stored.record.due);
        for kind in Kind::ALL {
            survey.count(store, kind, now, all).await?;
        }
        Ok(survey)
    }

    async fn count(&mut self, store: &dyn Store, kind: Kind, now: Timestamp, all: bool) -> Result<(), StoreError> {
        let (mut after, mut pages) = (None, 0);
        loop {
            let page = store.list(kind, None, after, PAGE).await?;
            let count = self.records.entry(kind.into()).or_default();
            *count = count.saturating_add(page.len());
            for expires in page.iter().filter_map(|stored| stored.record.expires).filter(|expires| *expires < now) {
                self.expired = self.expired.saturating_add(1);
                self.oldest_expiry = Some(self.oldest_expiry.map_or(expires, |oldest| oldest.min(expires)));
            }
            if kind == Kind::Endpoint {
                for stored in page.iter().filter(|stored| stored.record.expires.is_none()) {
                    match owner(&stored.record.body) {
                        Some(owner) => self.addresses.named.entry(owner).or_default().push(stored.record.key.id),
                        None => self.addresses.nameless.push(stored.record.key.id),
                    }
                }
            }
            after = page.last().map(|last| last.record.key.id);
            pages += 1;
            if page.len() < PAGE {
                return Ok(());
            }
            if pages == PAGES && !all {
                self.is_complete = false;
                return Ok(());
            }
        }
    }

    pub(super) fn dead_letters(&self) -> usize {
        self.records.get(<&str>::from(Kind::DeadLetter)).copied().unwrap_or_default()
    }
}

/// Returns the owner in the body of a record, which need not verify.
fn owner(body: &[u8]) -> Option<Owner> {
    let mut value: Value = Deserializer::from_slice(body).into_iter().next()?.ok()?;
    serde_json::from_value(value.get_mut("owner")?.take()).ok()
}
