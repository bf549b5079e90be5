use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use challenges_core::{Builder, Challenges, KeyRing};
use challenges_memory::MemoryStore;
use challenges_postgres::PostgresStore;
use challenges_redis::RedisStore;
use challenges_sqlite::SqliteStore;

use crate::error::StartError;

/// The store of challenges and enrollments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreChoice {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// Memory. The records are lost when the demo stops.
    Memory,
    /// A PostgreSQL database.
    Postgres(ServerUrl),
    /// One or several Redis servers.
    Redis(ServerUrl),
}

/// The URL of a database server. `Debug` redacts the URL, since it can contain a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl(String);

impl StoreChoice {
    /// Opens the store and returns a builder of the service.
    pub(crate) async fn open(&self, keys: KeyRing) -> Result<Builder, StartError> {
        match self {
            Self::Memory => Ok(Challenges::builder(MemoryStore::new(), keys)),
            Self::Sqlite(path) => match SqliteStore::open(path) {
                Ok(store) => Ok(Challenges::builder(store, keys)),
                Err(source) => Err(StartError::Sqlite { path: path.clone(), source }),
            },
            Self::Postgres(ServerUrl(url)) => {
                let store = PostgresStore::connect(url).await.map_err(StartError::Postgres)?;
                Ok(Challenges::builder(store, keys))
            }
            Self::Redis(ServerUrl(url)) => {
                let store = RedisStore::open(url).await.map_err(StartError::Redis)?;
                Ok(Challenges::builder(store, keys))
            }
        }
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, _) = self.0.split_once("://").unwrap_or_default();
        write!(f, "{scheme}://[redacted]")
    }
}

impl FromStr for StoreChoice {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        const REDIS: [&str; 7] =
            ["redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel"];
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some((scheme, rest)) if REDIS.contains(&scheme) && rest.starts_with("//") && rest.len() > 2 => {
                Ok(Self::Redis(ServerUrl(text.to_owned())))
            }
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") && rest.len() > 2 => {
                Ok(Self::Postgres(ServerUrl(text.to_owned())))
            }
            _ => Err(StartError::UnsupportedStore),
        }
    }
}
