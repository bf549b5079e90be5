use super::lease::Lease;
use crate::engine::{MAX_TRIES, Now};
use crate::error::Error;
use crate::outbox::Outbox;
use crate::store::{Commit, Load, Loaded, Write};

impl Outbox<'_> {
    /// Loads, decides and commits like [`Engine::transact`](crate::engine::Engine::transact), for as long as the lease
    /// holds. Returns `None` when another dispatcher has the entry.
    ///
    /// `decide` has to delete or assert the entry, or a lost lease goes unnoticed.
    pub(super) async fn transact_leased<T: Send>(
        self,
        load: &Load,
        lease: &Lease,
        decide: impl Fn(&Loaded, Now) -> Result<(Vec<Write>, T), Error> + Send + Sync,
    ) -> Result<Option<T>, Error> {
        let engine = self.engine;
        for _ in 0..MAX_TRIES {
            let loaded = engine.store.load(load).await?;
            let (writes, value) = decide(&loaded, engine.now())?;
            if engine.commit(writes).await? == Commit::Applied {
                return Ok(Some(value));
            }
            let entry = engine.store.load(&Load::key(lease.key())).await?;
            if entry.find(lease.key()).is_none_or(|stored| stored.version != lease.version()) {
                return Ok(None);
            }
        }
        Err(Error::Contended)
    }
}
