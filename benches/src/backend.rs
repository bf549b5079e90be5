//! The stores under test and their floors.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::Store;
use challenges_memory::MemoryStore;
use challenges_proofs::redis::RedisServer;
use challenges_redis::RedisStore;
use challenges_sqlite::SqliteStore;
use tempfile::TempDir;

use crate::floor::{Alone, Client, Grouped, Maps, Signature, StoreAlone, replay};
use crate::trace::Trace;

/// A durable configuration, without rewrites of the append-only file, which would disturb measurements at random.
const REDIS: [&str; 6] = ["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    Redis,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::Sqlite, Self::Redis];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Redis => "redis",
        }
    }
}

/// A place to open stores of a kind. For Redis, a running server.
pub(crate) struct Backend {
    pub(crate) kind: Kind,
    server: Option<RedisServer>,
}

/// A store and its files, deleted on drop.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) files: Option<TempDir>,
}

impl Backend {
    pub(crate) fn start(kind: Kind) -> Self {
        let server = (kind == Kind::Redis).then(|| {
            // The `Display` of the error names the missing package; `unwrap` would print the `Debug`.
            RedisServer::start(&REDIS).map_err(|error| error.to_string()).unwrap()
        });
        Self { kind, server }
    }

    /// Returns the Redis server, if any.
    pub(crate) fn server(&self) -> Option<&RedisServer> {
        self.server.as_ref()
    }

    /// Opens an empty store. On Redis this also empties stores opened before.
    pub(crate) async fn open(&self) -> Opened {
        self.flush();
        self.open_under("challenges").await
    }

    /// Opens an empty store beside others. `prefix` must be unused.
    pub(crate) async fn open_under(&self, prefix: &str) -> Opened {
        match &self.server {
            Some(server) => {
                let options = challenges_redis::RedisOptions::new().prefix(prefix);
                let store: RedisStore = options.open(&server.url()).await.unwrap();
                Opened { store: Arc::new(store), files: None }
            }
            None if self.kind == Kind::Memory => Opened { store: Arc::new(MemoryStore::new()), files: None },
            None => {
                let files = TempDir::new().unwrap();
                let store = SqliteStore::open(files.path().join("challenges.db")).unwrap();
                Opened { store: Arc::new(store), files: Some(files) }
            }
        }
    }

    /// Replays a trace on the floor.
    pub(crate) async fn floor(&self, trace: &Trace, callers: usize, signature: Option<Arc<Signature>>) -> Duration {
        if let Some(server) = &self.server {
            self.flush();
            return replay(Client::connect(server).await, trace, callers, signature).await;
        }
        if self.kind == Kind::Memory {
            return replay(Maps::new(), trace, callers, signature).await;
        }
        let files = TempDir::new().unwrap();
        let path = files.path().join("challenges.db");
        match callers {
            1 => replay(Alone::new(&path), trace, callers, signature).await,
            _ => replay(Grouped::new(&path), trace, callers, signature).await,
        }
    }

    /// Replays a trace on the store, without the service.
    pub(crate) async fn store_alone(&self, trace: &Trace, callers: usize) -> Duration {
        let Opened { store, files } = self.open().await;
        let took = replay(StoreAlone(store), trace, callers, None).await;
        drop(files);
        took
    }

    fn flush(&self) {
        if let Some(server) = &self.server {
            server.cli(&["FLUSHALL"]).unwrap();
        }
    }
}
