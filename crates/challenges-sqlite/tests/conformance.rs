//! Store conformance on SQLite.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use challenges_testkit::conformance::{Suite, survives_reopen};

/// Creates a suite with a new file for each case. The directory is deleted with the suite.
fn suite(options: SqliteOptions) -> Suite {
    let directory = tempfile::tempdir().unwrap();
    let files = AtomicUsize::new(0);
    Suite::new(move || {
        let path = directory.path().join(format!("{}.sqlite", files.fetch_add(1, Ordering::Relaxed)));
        let store = options.open(path).unwrap();
        async { store }
    })
}

mod on_one_thread {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        suite(SqliteOptions::new()).rounds(1)
    }
}

mod in_parallel {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        suite(SqliteOptions::new().synchronous(Synchronous::Normal))
            .rounds(3)
            .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

mod in_place {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        suite(SqliteOptions::new().synchronous(Synchronous::Normal).commit_in_place(|commit| tokio::task::block_in_place(commit)))
            .rounds(3)
            .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

#[tokio::test]
async fn acknowledged_commits_survive_reopen() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    survives_reopen(store, || async { SqliteStore::open(&path).unwrap() }).await.unwrap();
}
