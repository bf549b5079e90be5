//! One caller that waits for each call before the next, or many that do so beside each other.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// How many callers "many" are.
pub(crate) const MANY: usize = 64;

/// The runtime on which so many callers run: one has its thread to itself.
pub(crate) fn runtime(callers: usize) -> Runtime {
    let mut builder = if callers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Has so many callers do the jobs, and answers how long that takes.
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
