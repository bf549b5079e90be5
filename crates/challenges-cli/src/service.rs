use std::sync::Arc;

use challenges_core::{Builder, Challenges, KeyRing, Observer, Store};

use crate::error::Error;
use crate::key_source;
use crate::location::Location;
use crate::options::Common;
use crate::store::{self, Opening};

/// Starts a service on the store and keys of the command. The store must have records.
pub(crate) async fn open(common: &Common) -> Result<Challenges, Error> {
    Ok(builder(common).await?.build().await?)
}

/// Prepares a service on the store and keys of the command. The store must have records.
pub(crate) async fn builder(common: &Common) -> Result<Builder, Error> {
    let location = Location::of(common)?;
    let keys = key_source::ring(common)?;
    let backend = store::open(&location, Opening::Use).await?;
    Ok(Challenges::builder(backend.records(), keys).expect_existing())
}

/// Starts a service on an open store. The store must have records.
pub(crate) async fn start(store: Arc<dyn Store>, keys: KeyRing) -> Result<Challenges, Error> {
    observed(store, keys, ()).await
}

/// Starts a service with an observer on an open store. The store must have records.
pub(crate) async fn observed(
    store: Arc<dyn Store>,
    keys: KeyRing,
    observer: impl Observer,
) -> Result<Challenges, Error> {
    Ok(Challenges::builder(store, keys).observer(observer).expect_existing().build().await?)
}
