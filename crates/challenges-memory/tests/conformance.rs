//! Store conformance, with and without a bound.
#![allow(missing_docs, clippy::unwrap_used)]

use std::num::NonZeroUsize;

use challenges_memory::MemoryStore;
use challenges_testkit::conformance::Suite;

mod on_one_thread {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        Suite::new(|| async { MemoryStore::new() }).rounds(3)
    }
}

mod in_parallel {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        Suite::new(|| async { MemoryStore::new() })
            .spawner(|task| Box::pin(async { tokio::spawn(task).await.unwrap() }))
    }
}

mod with_a_bound {
    use super::*;

    challenges_testkit::conformance_tests! {
        #[tokio::test]
        Suite::new(|| async { MemoryStore::with_bound(NonZeroUsize::new(2_000).unwrap()) }).rounds(2)
    }
}
