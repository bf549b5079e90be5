//! The floors: the records of a trace, read and written without rules and traits.

mod signature;
mod store;

pub(crate) use signature::Signature;
pub(crate) use store::StoreAlone;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
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

    /// Waits until all steps are durable.
    fn finish(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// The calls of a trace, ready to run on a floor.
#[async_trait]
pub(crate) trait Replay: Send {
    /// Runs the next calls, and returns the time until all of them are durable.
    async fn slice(&mut self, calls: usize) -> Duration;
}

/// A floor for steps that are made while it runs.
#[async_trait]
pub(crate) trait Live: Send + Sync {
    async fn run(&self, step: &Step);
}

/// Fills a floor and prepares the calls. Verifies `signature`, if any, in each call.
pub(crate) async fn replay<F: Floor>(
    floor: F,
    trace: &Trace,
    callers: usize,
    signature: Option<Arc<Signature>>,
) -> Box<dyn Replay> {
    floor.fill(trace.records_with_new_bodies()).await;
    floor.finish().await;
    let ready = |steps: &Vec<Step>| steps.iter().map(|step| floor.ready(step)).collect::<Vec<_>>();
    let calls = trace.calls.iter().map(ready).collect::<Vec<_>>().into_iter();
    Box::new(Replayed { floor: Arc::new(floor), calls, callers, signature })
}

pub(crate) fn live<F: Floor>(floor: F) -> Arc<dyn Live> {
    Arc::new(Alive(floor))
}

struct Replayed<F: Floor> {
    floor: Arc<F>,
    calls: std::vec::IntoIter<Vec<F::Ready>>,
    callers: usize,
    signature: Option<Arc<Signature>>,
}

#[async_trait]
impl<F: Floor> Replay for Replayed<F> {
    async fn slice(&mut self, calls: usize) -> Duration {
        let calls: Vec<_> = self.calls.by_ref().take(calls).collect();
        let (floor, signature) = (Arc::clone(&self.floor), self.signature.clone());
        let start = Instant::now();
        callers::all(self.callers, calls, move |steps| {
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
        .await;
        self.floor.finish().await;
        start.elapsed()
    }
}

struct Alive<F>(F);

#[async_trait]
impl<F: Floor> Live for Alive<F> {
    async fn run(&self, step: &Step) {
        self.0.take(self.0.ready(step)).await;
    }
}
