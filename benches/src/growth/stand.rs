use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use challenges_core::store::Kind;
use challenges_core::{ChallengeId, Store};
use futures::{StreamExt as _, stream};
use tempfile::TempDir;

use super::{Sweep, Task};
use crate::backend::{Backend, Opened};
use crate::host::{Host, user};

/// Challenges per user.
const EACH: usize = 10;

/// The maximum number of ids kept for reading, far more than the records that fit in the cache of a connection.
const SAMPLE: usize = 100_000;

/// Concurrent creations while filling a store.
const AT_ONCE: usize = 1_024;

/// A store filled with live challenges.
pub(super) struct Stand {
    store: Arc<dyn Store>,
    host: Host,
    /// A sample of challenges, spread over the store.
    ids: Vec<ChallengeId>,
    users: usize,
    next: AtomicUsize,
    /// Bytes of memory or file per challenge.
    pub(super) bytes: f64,
    _files: Option<TempDir>,
}

/// The number of users whose challenges are created together, more than [`AT_ONCE`], so that they do not conflict. Creating
/// for all users in turn would make SQLite write several random pages for each challenge.
const TOGETHER: usize = 2_048;

/// Longer than the lifetime and retention of a challenge.
const LONG: Duration = Duration::from_secs(3 * 86_400);

impl Stand {
    pub(super) async fn grow(backend: &dyn Backend, size: usize) -> Self {
        let opened = backend.open().await;
        let host = Host::new(Arc::clone(&opened.store)).await;
        let users = size / EACH;
        let before = backend.used(&opened);
        let every = size.div_ceil(SAMPLE);
        let create = |number: usize| {
            let created = host.create(user(user_of(number, users)));
            async move { created.await.challenge.id() }
        };
        let ids = stream::iter(0..size).map(create).buffered(AT_ONCE).enumerate();
        let ids =
            ids.filter_map(|(number, id)| async move { number.is_multiple_of(every).then_some(id) }).collect().await;
        let ids: Vec<ChallengeId> = ids;
        let of_ids = (ids.capacity() * size_of::<ChallengeId>()) as f64;
        let of_ids = if opened.files.is_none() { of_ids } else { 0.0 };
        let bytes = (backend.used(&opened) - before - of_ids) / size as f64;
        let Opened { store, files } = opened;
        Self { store, host, ids, users, next: AtomicUsize::new(0), bytes, _files: files }
    }

    pub(super) async fn perform(&self, task: Task, times: usize) {
        let challenges = &self.host.challenges;
        for _ in 0..times {
            // Spreads successive calls over the whole store.
            let number = self.next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
            match task {
                Task::Get => drop(challenges.get(self.ids[number % self.ids.len()]).await.unwrap()),
                Task::Create => drop(self.host.create(user(number % self.users)).await),
                Task::ListUser => {
                    let listed = challenges.list(&user(number % self.users), None, EACH).await.unwrap();
                    assert_eq!(listed.len(), EACH);
                }
                Task::ListAll => {
                    assert_eq!(self.store.list(Kind::Challenge, None, None, 100).await.unwrap().len(), 100);
                }
                Task::Sweep => assert_eq!(challenges.sweep(1_000).await.unwrap(), 0),
            }
        }
    }

    /// Lets all challenges expire, and deletes them, while another caller creates challenges.
    pub(super) async fn sweep(&self, limit: usize) -> Sweep {
        self.host.clock.put_forward(LONG);
        let mut sweep = Sweep { records: 0, calls: Vec::new(), creations: Vec::new() };
        let mut creations = Vec::new();
        let mut create_one = async |number: usize| {
            let start = Instant::now();
            drop(self.host.create(user(self.users + number)).await);
            creations.push(start.elapsed().as_secs_f64());
        };
        // Before the sweep, so that the shortest sweep has a creation too.
        create_one(0).await;
        let delete = async {
            loop {
                let start = Instant::now();
                let swept = self.host.challenges.sweep(limit).await.unwrap();
                if swept == 0 {
                    return;
                }
                sweep.calls.push(start.elapsed().as_secs_f64());
                sweep.records += swept;
                // The memory store never waits.
                tokio::task::yield_now().await;
            }
        };
        let create = async {
            for number in 1.. {
                create_one(number).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::select! {
            () = delete => {}
            () = create => {}
        }
        sweep.creations = creations;
        sweep
    }

    /// Returns the average length of a record body, in bytes.
    pub(super) async fn body(&self) -> f64 {
        let records = self.store.list(Kind::Challenge, None, None, 500).await.unwrap();
        records.iter().map(|stored| stored.record.body.len() as f64).sum::<f64>() / records.len() as f64
    }
}

/// Returns the user of a challenge, so that each of `users` users gets [`EACH`].
fn user_of(number: usize, users: usize) -> usize {
    let first = number / (TOGETHER * EACH) * TOGETHER;
    first + number % TOGETHER.min(users - first)
}

#[cfg(test)]
mod tests;
