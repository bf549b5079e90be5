//! The floors: the records of a trace, read and written without rules, checks and traits.

mod memory;
mod redis;
mod signature;
mod sqlite;
mod store;

pub(crate) use self::redis::{Client, encode as encode_for_redis};
pub(crate) use memory::Maps;
pub(crate) use signature::Signature;
pub(crate) use sqlite::{Alone, Grouped};
pub(crate) use store::StoreAlone;

use std::sync::Arc;
use std::time::Duration;

use challenges_core::store::Stored;

use crate::callers;
use crate::trace::{Step, Trace};

/// A minimal storage of records, initially empty.
pub(crate) trait Floor: Send + Sync + 'static {
    /// A step, encoded beforehand as far as possible.
    type Ready: Send + 'static;

    fn fill(&self, stored: Vec<Stored>) -> impl Future<Output = ()> + Send;

    fn ready(&self, step: &Step) -> Self::Ready;

    fn take(&self, step: Self::Ready) -> impl Future<Output = ()> + Send;
}

/// Replays a trace on `callers` callers, and returns the time taken. Verifies `signature`, if any, in each call.
pub(crate) async fn replay<F: Floor>(
    floor: F,
    trace: &Trace,
    callers: usize,
    signature: Option<Arc<Signature>>,
) -> Duration {
    floor.fill(trace.records_with_new_bodies()).await;
    let ready = |steps: &Vec<Step>| steps.iter().map(|step| floor.ready(step)).collect::<Vec<_>>();
    let calls: Vec<_> = trace.calls.iter().map(ready).collect();
    let floor = Arc::new(floor);
    callers::timed(callers, calls, move |steps| {
        let (floor, signature) = (Arc::clone(&floor), signature.clone());
        async move {
            if let Some(signature) = signature {
                signature.verify();
            }
            for step in steps {
                floor.take(step).await;
            }
        }
    })
    .await
}
