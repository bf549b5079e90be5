use std::future::poll_fn;
use std::task::Poll;

use super::Challenges;
use crate::error::{Error, Invalid};
use crate::id::Id;
use crate::owner::Owner;
use crate::store::{Kind, ListQuery, Stored};

/// The most that a list gives at once.
pub(super) const MAX_LIMIT: usize = 500;

impl Challenges {
    /// What `take` takes of the bodies of a kind after that one, of an owner or of all.
    pub(super) async fn list<T: Send>(
        &self,
        owner: Option<&Owner>,
        kind: Kind,
        after: Option<Id>,
        limit: usize,
        take: impl Fn(&[u8]) -> Result<Option<T>, Error> + Send + Sync,
    ) -> Result<Vec<T>, Error> {
        self.list_stored(owner, kind, after, limit, |stored| take(&stored.record.body)).await
    }

    /// What `take` takes of the records of a kind after that one, of an owner or of all.
    pub(super) async fn list_stored<T: Send>(
        &self,
        owner: Option<&Owner>,
        kind: Kind,
        mut after: Option<Id>,
        limit: usize,
        take: impl Fn(&Stored) -> Result<Option<T>, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Invalid::Limit.into());
        }
        let owner = owner.map(|owner| self.inner.tagger.tag(owner));
        let mut taken = Vec::new();
        while taken.len() < limit {
            // Of an owner's records nearly all are taken; among those of all, few may be.
            let size = if owner.is_some() { limit - taken.len() } else { MAX_LIMIT };
            let query = ListQuery { kind, owner, after, limit: size };
            let page = self.inner.store.list(&query).await?;
            for stored in &page.records {
                taken.extend(take(stored)?);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
            if owner.is_none() {
                step_aside().await;
            }
        }
        taken.truncate(limit);
        Ok(taken)
    }
}

/// Lets other tasks of the executor run. A store that reads in place never makes its caller wait, and a walk over all owners
/// that takes little may be long.
async fn step_aside() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
