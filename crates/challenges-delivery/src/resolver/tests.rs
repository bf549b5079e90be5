#![allow(clippy::unwrap_used)]

use futures::poll;
use tokio::sync::{Semaphore, oneshot};

use super::bounded;

/// R62: hanging look-ups occupy a bounded number of threads, although their callers gave up.
#[tokio::test]
async fn abandoned_lookup_keeps_its_permit() {
    static LOOKUPS: Semaphore = Semaphore::const_new(1);
    let (answer, hung) = oneshot::channel::<()>();
    let mut abandoned = Box::pin(bounded(&LOOKUPS, async { Ok(hung.await) }));
    assert!(poll!(&mut abandoned).is_pending());
    drop(abandoned);

    let mut second = Box::pin(bounded(&LOOKUPS, async { Ok(()) }));
    for _ in 0..10 {
        assert!(poll!(&mut second).is_pending(), "the first look-up has not ended");
        tokio::task::yield_now().await;
    }
    answer.send(()).unwrap();
    second.await.unwrap();
    assert_eq!(LOOKUPS.available_permits(), 1);
}
