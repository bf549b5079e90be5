use std::future::Future;
use std::sync::Arc;

use challenges_core::Store;
use futures::future::BoxFuture;

/// The source of new, empty stores.
pub(super) struct Open(Box<dyn Fn() -> BoxFuture<'static, Arc<dyn Store>> + Send + Sync>);

impl Open {
    pub(super) fn new<S, F, Fut>(open: F) -> Self
    where
        S: Store,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = S> + Send + 'static,
    {
        Self(Box::new(move || {
            let store = open();
            Box::pin(async { Arc::new(store.await) as Arc<dyn Store> })
        }))
    }

    pub(super) async fn open(&self) -> Arc<dyn Store> {
        (self.0)().await
    }
}
