//! Single and concurrent callers. Each caller waits for a call before the next.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// The number of concurrent callers.
pub(crate) const MANY: usize = 64;

/// Creates a runtime: current-thread for a single caller, two threads for more.
pub(crate) fn runtime(callers: usize) -> Runtime {
    let mut builder = if callers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Runs the jobs on `callers` callers, and returns the time taken.
pub(crate) async fn timed<J, F>(
    callers: usize,
    jobs: Vec<J>,
    work: impl Fn(J) -> F + Clone + Send + 'static,
) -> Duration
where
    J: Send + 'static,
    F: Future<Output = ()> + Send,
{
    if callers == 1 {
        let start = Instant::now();
        for job in jobs {
            work(job).await;
        }
        return start.elapsed();
    }
    let mut shares: Vec<Vec<J>> = (0..callers).map(|_| Vec::new()).collect();
    for (number, job) in jobs.into_iter().enumerate() {
        shares[number % callers].push(job);
    }
    let start = Instant::now();
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
    start.elapsed()
}
