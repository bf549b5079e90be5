use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::{Store, Timestamp};
use challenges_redis::{OpenError, RedisOptions, RedisStore, ServerCheck};

use super::{Backend, Opening};
use crate::error::Error;
use crate::location::Server;

struct Redis(RedisStore);

pub(super) async fn open(server: &Server, opening: Opening) -> Result<Box<dyn Backend>, Error> {
    let check = if opening == Opening::Inspect { ServerCheck::Warn } else { ServerCheck::default() };
    let options = RedisOptions::new().create_if_missing(opening.may_create()).server_check(check);
    let options = match &server.name {
        Some(prefix) => options.prefix(prefix),
        None => options,
    };
    match options.open(&server.url()?).await {
        Ok(store) => Ok(Box::new(Redis(store))),
        Err(OpenError::Missing) => Err(Error::Empty),
        Err(error) => Err(Error::Redis(error)),
    }
}

#[async_trait]
impl Backend for Redis {
    fn records(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    fn findings(&self) -> Vec<String> {
        self.0.findings().iter().map(ToString::to_string).collect()
    }

    async fn clocks(&self) -> Result<Vec<Timestamp>, Error> {
        self.0.server_times().await.map_err(Error::Redis)
    }

    async fn drift(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }

    async fn migrate(&self) -> Result<(), Error> {
        Ok(())
    }
}
