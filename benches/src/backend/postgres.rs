//! PostgreSQL. The floor is tokio-postgres alone, with a table and statements of its own.

mod client;
mod grouped;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use challenges_postgres::PostgresOptions;
use challenges_proofs::postgres::PostgresServer;

use self::client::Client;
use self::grouped::Grouped;
use super::{Backend, Kind, Opened};
use crate::floor::{self, Live, Replay, Signature};
use crate::trace::Trace;

pub(crate) static KIND: Kind = Kind {
    name: "postgres",
    floor: "Floor: tokio-postgres with prepared statements on a hand-written table. A commit of several writes is a \
            transaction that is sent at once, without waiting between the statements, and takes no lock for what it only \
            compares. 1 caller: one connection. 64 callers: 16, as many as the store has; two of them write, and commit \
            all waiting steps at once, each statement with the rows of all. The server has the default settings, with data on \
            disk, and shares the processors with the callers.",
    start: || Box::new(Postgres::start()),
    largest: 100_000,
    is_variant: false,
    is_in_place: false,
};

/// The settings of the server.
pub(crate) const SERVER: [&str; 2] = ["max_connections=400", "log_min_messages=fatal"];

/// The connections of the floor for many callers, and of the store.
const CONNECTIONS: usize = 16;

struct Postgres {
    server: PostgresServer,
    /// The number of stores and floors opened.
    opened: AtomicUsize,
}

impl Postgres {
    fn start() -> Self {
        // The `Display` of the error names the missing package; `unwrap` would print the `Debug`.
        let server = PostgresServer::start_on_disk(&SERVER).map_err(|error| error.to_string()).unwrap();
        Self { server, opened: AtomicUsize::new(0) }
    }

    fn schema(&self) -> String {
        format!("bench{}", self.opened.fetch_add(1, Ordering::Relaxed))
    }

    async fn alone(&self) -> Client {
        Client::connect(&self.server, &self.schema(), 1).await
    }

    async fn grouped(&self) -> Grouped {
        Grouped::connect(&self.server, &self.schema(), CONNECTIONS).await
    }
}

#[async_trait]
impl Backend for Postgres {
    async fn open(&self) -> Opened {
        let options = PostgresOptions::new().schema(self.schema()).connections(CONNECTIONS);
        let store = options.connect(&self.server.url()).await.unwrap();
        Opened { store: Arc::new(store), files: None }
    }

    async fn replay(&self, trace: &Trace, callers: usize, signature: Option<Arc<Signature>>) -> Box<dyn Replay> {
        match callers {
            1 => floor::replay(self.alone().await, trace, callers, signature).await,
            _ => floor::replay(self.grouped().await, trace, callers, signature).await,
        }
    }

    async fn live(&self, callers: usize) -> Arc<dyn Live> {
        match callers {
            1 => floor::live(self.alone().await),
            _ => floor::live(self.grouped().await),
        }
    }

    fn clear(&self) {
        for number in 0..self.opened.load(Ordering::Relaxed) {
            self.server.query(&format!("DROP SCHEMA IF EXISTS bench{number} CASCADE")).unwrap();
        }
        self.opened.store(0, Ordering::Relaxed);
    }

    /// Writes changed pages to disk, so that no checkpoint falls into a measurement of an earlier filling.
    async fn settle(&self) {
        self.server.query("CHECKPOINT").unwrap();
    }

    fn used(&self, _: &Opened) -> f64 {
        self.server.query("SELECT pg_database_size('postgres')").unwrap().parse().unwrap()
    }
}
