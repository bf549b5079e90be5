//! The stores, each with what it needs to run, and its floor.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::Store;
use challenges_memory::MemoryStore;
use challenges_redis::RedisStore;
use challenges_sqlite::SqliteStore;
use challenges_testkit::redis::RedisServer;
use tempfile::TempDir;

use crate::floor::{Alone, Client, Grouped, Maps, Signature, Through, replay};
use crate::trace::Trace;

/// As the README of the store wants a server to be, but for the rewriting of the file, which would come at any time.
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

/// Where stores of a kind are opened; for Redis, a server of its own.
pub(crate) struct Backend {
    pub(crate) kind: Kind,
    server: Option<RedisServer>,
}

/// A store, and the files that go with it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) files: Option<TempDir>,
}

impl Backend {
    pub(crate) fn start(kind: Kind) -> Self {
        let server = (kind == Kind::Redis).then(|| {
            // Its words say what to install; `unwrap` alone would show the bare variant.
            RedisServer::start(&REDIS).map_err(|error| error.to_string()).unwrap()
        });
        Self { kind, server }
    }

    /// The server, where there is one.
    pub(crate) fn server(&self) -> Option<&RedisServer> {
        self.server.as_ref()
    }

    /// An empty store. One that was opened before in the same server is empty as well, then.
    pub(crate) async fn open(&self) -> Opened {
        self.flush();
        self.open_under("challenges").await
    }

    /// An empty store beside others, under a prefix that is not used yet.
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

    /// The trace on what the store is made of.
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

    /// The trace on the store itself, without the service.
    pub(crate) async fn through(&self, trace: &Trace, callers: usize) -> Duration {
        let Opened { store, files } = self.open().await;
        let took = replay(Through(store), trace, callers, None).await;
        drop(files);
        took
    }

    fn flush(&self) {
        if let Some(server) = &self.server {
            server.cli(&["FLUSHALL"]).unwrap();
        }
    }
}
