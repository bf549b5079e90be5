use std::future::Future;
use std::sync::Arc;

use challenges_core::Store;
use futures::future::BoxFuture;

/// The source of new, empty stores of one kind, under the name that reports use.
pub(super) struct Origin {
    pub(super) name: String,
    open: Box<dyn Fn() -> BoxFuture<'static, Arc<dyn Store>> + Send + Sync>,
}

impl Origin {
    pub(super) fn new<S, F, Fut>(name: &str, open: F) -> Self
    where
        S: Store,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = S> + Send + 'static,
    {
        let open = move || -> BoxFuture<'static, Arc<dyn Store>> {
            let store = open();
            Box::pin(async { Arc::new(store.await) as Arc<dyn Store> })
        };
        Self { name: name.to_owned(), open: Box::new(open) }
    }

    pub(super) async fn open(&self) -> Arc<dyn Store> {
        (self.open)().await
    }
}
