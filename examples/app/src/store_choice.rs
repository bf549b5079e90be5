use std::path::PathBuf;
use std::str::FromStr;

use challenges_core::{Builder, Challenges, KeyRing};
use challenges_memory::MemoryStore;
use challenges_sqlite::SqliteStore;

use crate::error::StartError;

/// Where challenges and enrollments are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreChoice {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// Memory: gone when the demo stops.
    Memory,
}

impl StoreChoice {
    /// A service on that store.
    pub(crate) fn open(&self, keys: KeyRing) -> Result<Builder, StartError> {
        match self {
            Self::Memory => Ok(Challenges::builder(MemoryStore::new(), keys)),
            Self::Sqlite(path) => match SqliteStore::open(path) {
                Ok(store) => Ok(Challenges::builder(store, keys)),
                Err(source) => Err(StartError::Sqlite { path: path.clone(), source }),
            },
        }
    }
}

impl FromStr for StoreChoice {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err(StartError::UnsupportedStore),
        }
    }
}
