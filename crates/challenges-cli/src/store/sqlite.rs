use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::{Store, Timestamp};
use challenges_sqlite::{Drift, OpenError, SqliteOptions, SqliteStore};

use super::{Backend, Opening};
use crate::error::Error;

struct Sqlite {
    store: SqliteStore,
    path: PathBuf,
}

pub(super) fn open(path: &Path, opening: Opening) -> Result<Box<dyn Backend>, Error> {
    let options = SqliteOptions::new().create_if_missing(opening.may_create()).migrate(opening.may_migrate());
    match options.open(path) {
        Ok(store) => Ok(Box::new(Sqlite { store, path: path.to_owned() })),
        Err(OpenError::Missing(path)) => Err(Error::NoFile(path.display().to_string())),
        Err(OpenError::NotMigrated { found, needed }) => Err(Error::NotMigrated { found, needed }),
        Err(error) => Err(Error::Sqlite(error)),
    }
}

#[async_trait]
impl Backend for Sqlite {
    fn records(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    fn findings(&self) -> Vec<String> {
        other_users(&self.path).into_iter().collect()
    }

    async fn clocks(&self) -> Result<Vec<Timestamp>, Error> {
        Ok(Vec::new())
    }

    async fn drift(&self) -> Result<Option<Vec<String>>, Error> {
        let drift = self.store.verify().map_err(Error::Sqlite)?;
        let describe = |drift| match drift {
            Drift::Missing(object) => format!("{object} is missing"),
            Drift::Changed(object) => format!("{object} has another definition"),
            Drift::Foreign(object) => format!("{object} is not of this release; drop it unless you need it"),
            other => format!("{other:?}"),
        };
        Ok(Some(drift.into_iter().map(describe).collect()))
    }

    async fn migrate(&self) -> Result<(), Error> {
        // Done on opening.
        Ok(())
    }
}

/// Returns a finding when other users of the machine can access the file.
#[cfg(unix)]
fn other_users(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o007 != 0)
        .then(|| format!("every user of the machine can access the file (mode {mode:o}): run chmod o= on it"))
}

#[cfg(not(unix))]
fn other_users(_: &Path) -> Option<String> {
    None
}
