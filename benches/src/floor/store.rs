use std::sync::Arc;

use challenges_core::Store;
use challenges_core::store::{Batch, Commit, Id, Stored, Write};
use futures::future::join_all;

use super::Floor;
use crate::trace::Step;

/// Concurrent writes while filling the store.
const AT_ONCE: usize = 256;

/// A store under test, called through its trait without the service.
pub(crate) struct StoreAlone(pub(crate) Arc<dyn Store>);

impl Floor for StoreAlone {
    type Ready = Step;

    async fn fill(&self, stored: Vec<Stored>) {
        let put = async |stored: Stored| {
            let put = Write::create(stored.record);
            self.0.commit(Batch::new(stored.version, vec![put]).unwrap()).await
        };
        let mut stored = stored.into_iter().peekable();
        while stored.peek().is_some() {
            for filled in join_all(stored.by_ref().take(AT_ONCE).map(put)).await {
                assert_eq!(filled.unwrap(), Commit::Applied);
            }
        }
    }

    fn ready(&self, step: &Step) -> Step {
        step.with_new_bodies()
    }

    async fn take(&self, step: Step) {
        match step {
            Step::Load(request, found) => {
                assert_eq!(self.0.load(&request).await.unwrap().len(), found.len());
            }
            Step::Commit(batch) => assert_eq!(self.0.commit(batch).await.unwrap(), Commit::Applied),
            Step::List(kind, owner, limit, found) => {
                assert_eq!(self.0.list(kind, owner, None, limit).await.unwrap().len(), found.len());
            }
            Step::Purge(before, limit, found) => {
                assert_eq!(self.0.purge(0..Id::SHARDS, before, limit).await.unwrap(), found.len());
            }
        }
    }
}
