//! Single and concurrent callers. Each caller waits for a call before the next.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::runtime::{Builder, Runtime};

use crate::measure::{quantile, sorted};

/// The number of concurrent callers.
pub(crate) const MANY: usize = 64;

/// Creates a runtime: current-thread for a single caller, two threads for more.
pub(crate) fn runtime(callers: usize) -> Runtime {
    let mut builder = if callers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Shuts the runtime down. Tasks that close connections must not disturb the next measurement.
pub(crate) fn end(runtime: Runtime) {
    runtime.shutdown_timeout(Duration::from_secs(5));
}

/// Runs the jobs on `callers` callers. Job n runs on caller n modulo `callers`, in order.
pub(crate) async fn all<J, F>(callers: usize, jobs: Vec<J>, work: impl Fn(J) -> F + Clone + Send + 'static)
where
    J: Send + 'static,
    F: Future<Output = ()> + Send,
{
    if callers == 1 {
        for job in jobs {
            work(job).await;
        }
        return;
    }
    let mut shares: Vec<Vec<J>> = (0..callers).map(|_| Vec::new()).collect();
    for (number, job) in jobs.into_iter().enumerate() {
        shares[number % callers].push(job);
    }
    let each = |share: Vec<J>| {
        let work = work.clone();
        tokio::spawn(async move {
            for job in share {
                work(job).await;
            }
        })
    };
    let tasks: Vec<_> = shares.into_iter().map(each).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// A caller that makes one call after another.
#[async_trait]
pub(crate) trait Caller: Send + 'static {
    async fn call(&mut self);
}

/// The calls of a slice of sustained load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Calls per second.
    pub(crate) rate: f64,
    /// The seconds that half of the calls do not exceed.
    pub(crate) p50: f64,
    /// The seconds that 99 of 100 calls do not exceed.
    pub(crate) p99: f64,
}

/// Lets all callers call until `time` has passed.
pub(crate) async fn sustain<C: Caller>(callers: &mut Vec<C>, time: Duration) -> Load {
    let start = Instant::now();
    let run = move |mut caller: C| async move {
        let mut took = Vec::new();
        let mut before = Instant::now();
        while before.saturating_duration_since(start) < time {
            caller.call().await;
            let now = Instant::now();
            took.push((now - before).as_secs_f64());
            before = now;
        }
        (caller, took)
    };
    let mut took = Vec::new();
    if callers.len() == 1 {
        let (caller, times) = run(callers.remove(0)).await;
        (*callers, took) = (vec![caller], times);
    } else {
        let tasks: Vec<_> = callers.drain(..).map(|caller| tokio::spawn(run(caller))).collect();
        for task in tasks {
            let (caller, times) = task.await.unwrap();
            callers.push(caller);
            took.extend(times);
        }
    }
    let (count, elapsed) = (took.len(), start.elapsed().as_secs_f64());
    let took = sorted(took);
    Load { rate: count as f64 / elapsed, p50: quantile(&took, 0.5), p99: quantile(&took, 0.99) }
}
