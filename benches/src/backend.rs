//! The stores under test, each with its floor. Another store is a file in `backend/` and an entry of [`KINDS`].

mod memory;
mod postgres;
mod redis;
mod sqlite;

pub(crate) use memory::Maps;
pub(crate) use postgres::SERVER as POSTGRES_SERVER;
pub(crate) use redis::{SERVER as REDIS_SERVER, scripts as redis_scripts};

use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::Store;
use tempfile::TempDir;

use crate::floor::{Live, Replay, Signature};
use crate::trace::Trace;

/// All stores, in the order of the tables.
pub(crate) static KINDS: [&Kind; 7] = [
    &memory::KIND,
    &sqlite::KIND,
    &sqlite::IN_PLACE,
    &sqlite::NORMAL,
    &sqlite::NORMAL_IN_PLACE,
    &postgres::KIND,
    &redis::KIND,
];

/// A store under test.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// A description of the floor.
    pub(crate) floor: &'static str,
    /// Starts a server if the store needs one.
    pub(crate) start: fn() -> Box<dyn Backend>,
    /// The number of challenges in the largest store of a default run.
    pub(crate) largest: usize,
    /// Another setting of a store, measured under sustained load only.
    pub(crate) is_variant: bool,
    /// Blocks the thread of the caller, so that a single caller needs a runtime of several threads too.
    pub(crate) is_in_place: bool,
}

impl Kind {
    /// Returns the stores without variants.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        KINDS.into_iter().filter(|kind| !kind.is_variant)
    }

    /// Returns the position among all stores, for colours.
    pub(crate) fn position(&self) -> usize {
        KINDS.iter().position(|kind| kind.name == self.name).unwrap()
    }
}

/// A place to open stores and floors of a kind, such as a running server.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// Opens an empty store beside others.
    async fn open(&self) -> Opened;

    /// Fills a floor with the records of a trace, and returns its calls, ready to run. Writes need not be durable
    /// before the end of a slice.
    async fn replay(&self, trace: &Trace, callers: usize, signature: Option<Arc<Signature>>) -> Box<dyn Replay>;

    /// Opens an empty floor whose writes are as durable as those of the store when they return.
    async fn live(&self, callers: usize) -> Arc<dyn Live>;

    /// Deletes stores and floors opened before, where an open store costs anything.
    fn clear(&self) {}

    /// Waits until the work in the background is done.
    async fn settle(&self) {}

    /// Returns the bytes in use by a store: memory of the server or this process, or the size of the files.
    fn used(&self, opened: &Opened) -> f64;
}

/// A store and its files, deleted on drop.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) files: Option<TempDir>,
}
