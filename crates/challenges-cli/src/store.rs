//! A store with the settings, the schema and the clocks that an operator checks.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::{Store, Timestamp};

use crate::error::Error;
use crate::location::Location;

/// An open store.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// Returns the records.
    fn records(&self) -> Arc<dyn Store>;

    /// Returns the settings that endanger records, with advice.
    fn findings(&self) -> Vec<String>;

    /// Returns the clocks of the servers; none for a store on this machine.
    async fn clocks(&self) -> Result<Vec<Timestamp>, Error>;

    /// Returns the differences between the schema and the schema of this release; `None` for a store without a schema.
    async fn drift(&self) -> Result<Option<Vec<String>>, Error>;

    /// Brings the schema up to date.
    async fn migrate(&self) -> Result<(), Error>;
}

/// The changes that opening a store may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Changes nothing, and opens despite unsafe settings.
    Inspect,
    /// Changes nothing.
    Use,
    /// May update the schema.
    Migrate,
    /// May create the store.
    Create,
}

impl Opening {
    const fn may_create(self) -> bool {
        match self {
            Self::Create => true,
            Self::Inspect | Self::Use | Self::Migrate => false,
        }
    }

    const fn may_migrate(self) -> bool {
        match self {
            Self::Create | Self::Migrate => true,
            Self::Inspect | Self::Use => false,
        }
    }
}

/// Opens a store.
pub(crate) async fn open(location: &Location, opening: Opening) -> Result<Box<dyn Backend>, Error> {
    match location {
        #[cfg(feature = "sqlite")]
        Location::Sqlite(path) => sqlite::open(path, opening),
        #[cfg(not(feature = "sqlite"))]
        Location::Sqlite(_) => Err(Error::NotBuilt("sqlite")),
        #[cfg(feature = "postgres")]
        Location::Postgres(server) => postgres::open(server, opening).await,
        #[cfg(not(feature = "postgres"))]
        Location::Postgres(_) => Err(Error::NotBuilt("postgres")),
        #[cfg(feature = "redis")]
        Location::Redis(server) => redis::open(server, opening).await,
        #[cfg(not(feature = "redis"))]
        Location::Redis(_) => Err(Error::NotBuilt("redis")),
    }
}

/// Returns the SQL of the schema; `None` for a store without a schema. Opens nothing.
pub(crate) fn sql(location: &Location) -> Result<Option<String>, Error> {
    match location {
        #[cfg(feature = "sqlite")]
        Location::Sqlite(_) => Ok(Some(challenges_sqlite::SqliteOptions::new().sql())),
        #[cfg(not(feature = "sqlite"))]
        Location::Sqlite(_) => Err(Error::NotBuilt("sqlite")),
        #[cfg(feature = "postgres")]
        Location::Postgres(server) => postgres::options(server).sql().map(Some).map_err(Error::Postgres),
        #[cfg(not(feature = "postgres"))]
        Location::Postgres(_) => Err(Error::NotBuilt("postgres")),
        Location::Redis(_) => Ok(None),
    }
}
