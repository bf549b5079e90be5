use std::future::poll_fn;
use std::task::Poll;

use super::{Engine, Entity};
use crate::error::{Error, Invalid};
use crate::id::Id;
use crate::owner::Owner;
use crate::store::{Kind, Stored};

/// The largest limit of a list.
pub(crate) const MAX_LIMIT: usize = 500;

/// The owners of the records in a list.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'a> {
    Owner(&'a Owner),
    Tenant(&'a str),
}

impl Engine {
    /// Lists the live records of a kind after a cursor, in order of creation per owner.
    pub(crate) async fn list<E: Entity>(
        &self,
        scope: Scope<'_>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<E>, Error> {
        let now = self.now().latest;
        let owner = match scope {
            Scope::Owner(owner) => Some(owner),
            Scope::Tenant(_) => None,
        };
        self.list_stored(owner, E::KIND, after, limit, |stored| {
            let entity = E::decode(stored)?;
            let in_scope = match scope {
                Scope::Owner(owner) => entity.record_owner() == owner,
                Scope::Tenant(tenant) => entity.record_owner().tenant() == tenant,
            };
            Ok((in_scope && entity.is_alive(&self.policy, now)).then_some(entity))
        })
        .await
    }

    /// Lists the values of `accept` for the records of a kind after a cursor, of one owner or of all.
    pub(crate) async fn list_stored<T: Send>(
        &self,
        owner: Option<&Owner>,
        kind: Kind,
        mut after: Option<Id>,
        limit: usize,
        accept: impl Fn(&Stored) -> Result<Option<T>, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Invalid::Limit.into());
        }
        let owner = owner.map(|owner| self.owner_tags.tag(owner));
        let mut accepted = Vec::new();
        while accepted.len() < limit {
            // Nearly all records of one owner are accepted; of all owners, few may be.
            let size = if owner.is_some() { limit - accepted.len() } else { MAX_LIMIT };
            let page = self.store.list(kind, owner, after, size).await?;
            for stored in &page.records {
                accepted.extend(accept(stored)?);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
            if owner.is_none() {
                yield_now().await;
            }
        }
        accepted.truncate(limit);
        Ok(accepted)
    }
}

/// Lets other tasks of the executor run: a walk over all owners may be long, and the futures of an in-memory store
/// never wait.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
