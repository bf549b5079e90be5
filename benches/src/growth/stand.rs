use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::store::{Kind, ListQuery};
use challenges_core::{ChallengeId, Store};
use futures::{StreamExt as _, stream};
use tempfile::TempDir;

use super::Task;
use crate::backend::{self, Backend, Opened};
use crate::host::{Host, user};

/// Challenges per user.
const EACH: usize = 10;

/// The number of ids kept for reading.
const SAMPLE: usize = 1_000;

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

impl Stand {
    pub(super) async fn grow(backend: &Backend, size: usize) -> Self {
        let Opened { store, files } = backend.open_under(&format!("grown-to-{size}")).await;
        let host = Host::new(Arc::clone(&store)).await;
        let users = size / EACH;
        let before = used(backend, files.as_ref());
        let every = size / SAMPLE;
        let create = |number: usize| {
            let created = host.create(user(number % users));
            async move { created.await.challenge.id() }
        };
        let ids = stream::iter(0..size).map(create).buffered(AT_ONCE).enumerate();
        let ids =
            ids.filter_map(|(number, id)| async move { number.is_multiple_of(every).then_some(id) }).collect().await;
        let bytes = (used(backend, files.as_ref()) - before) / size as f64;
        Self { store, host, ids, users, next: AtomicUsize::new(0), bytes, _files: files }
    }

    pub(super) async fn perform(&self, task: Task, times: usize) {
        let challenges = &self.host.challenges;
        for _ in 0..times {
            // A large stride, so that successive calls touch distant records.
            let number = self.next.fetch_add(7_919, Ordering::Relaxed);
            match task {
                Task::Get => drop(challenges.get(self.ids[number % self.ids.len()]).await.unwrap()),
                Task::Create => drop(self.host.create(user(number % self.users)).await),
                Task::ListUser => {
                    let listed = challenges.list(&user(number % self.users), None, EACH).await.unwrap();
                    assert_eq!(listed.len(), EACH);
                }
                Task::ListAll => {
                    let query = ListQuery { kind: Kind::Challenge, owner: None, after: None, limit: 100 };
                    assert_eq!(self.store.list(&query).await.unwrap().records.len(), 100);
                }
                Task::Sweep => assert_eq!(challenges.sweep(1_000).await.unwrap(), 0),
            }
        }
    }

    /// Returns the average length of a record body, in bytes.
    pub(super) async fn body(&self) -> f64 {
        let query = ListQuery { kind: Kind::Challenge, owner: None, after: None, limit: 500 };
        let records = self.store.list(&query).await.unwrap().records;
        records.iter().map(|stored| stored.record.body.len() as f64).sum::<f64>() / records.len() as f64
    }
}

/// Returns the bytes in use: memory of the server or this process, or size of the files.
fn used(backend: &Backend, files: Option<&TempDir>) -> f64 {
    match (backend.kind, backend.server(), files) {
        (backend::Kind::Redis, Some(server), _) => {
            let memory = server.cli(&["INFO", "memory"]).unwrap();
            let used = memory.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
            used.trim().parse().unwrap()
        }
        (backend::Kind::Sqlite, _, Some(files)) => {
            let files = std::fs::read_dir(files.path()).unwrap();
            files.map(|file| file.unwrap().metadata().unwrap().len() as f64).sum()
        }
        _ => {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            1024.0 * resident.trim().trim_end_matches(" kB").parse::<f64>().unwrap()
        }
    }
}
