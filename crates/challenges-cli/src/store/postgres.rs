use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::{Store, Timestamp};
use challenges_postgres::{Drift, OpenError, PostgresOptions, PostgresStore, ServerCheck, Statements};

use super::{Backend, Opening};
use crate::error::Error;
use crate::location::Server;

struct Postgres(PostgresStore);

/// Returns options that work behind a pooler too.
pub(super) fn options(server: &Server) -> PostgresOptions {
    let options = PostgresOptions::new().connections(4).statements(Statements::Unprepared);
    match &server.name {
        Some(schema) => options.schema(schema),
        None => options,
    }
}

pub(super) async fn open(server: &Server, opening: Opening) -> Result<Box<dyn Backend>, Error> {
    let check = if opening == Opening::Inspect { ServerCheck::Warn } else { ServerCheck::default() };
    let options = options(server).migrate(opening.may_migrate()).server_check(check);
    match options.connect(&server.url()?).await {
        Ok(store) => Ok(Box::new(Postgres(store))),
        Err(OpenError::NotMigrated { found, needed }) => Err(Error::NotMigrated { found, needed }),
        Err(error) => Err(Error::Postgres(error)),
    }
}

#[async_trait]
impl Backend for Postgres {
    fn records(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    fn findings(&self) -> Vec<String> {
        self.0.findings().iter().map(ToString::to_string).collect()
    }

    async fn clocks(&self) -> Result<Vec<Timestamp>, Error> {
        Ok(vec![self.0.server_time().await.map_err(Error::Postgres)?])
    }

    async fn drift(&self) -> Result<Option<Vec<String>>, Error> {
        let drift = self.0.verify().await.map_err(Error::Postgres)?;
        let describe = |drift| match drift {
            Drift::Missing(object) => format!("{object} is missing"),
            Drift::Changed(object) => format!("{object} has another definition"),
            Drift::Foreign(object) => format!("{object} is not of this release; drop it unless you need it"),
            other => format!("{other:?}"),
        };
        Ok(Some(drift.into_iter().map(describe).collect()))
    }

    async fn migrate(&self) -> Result<(), Error> {
        self.0.migrate().await.map_err(Error::Postgres)
    }
}
