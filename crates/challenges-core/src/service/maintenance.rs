use super::Challenges;
use crate::error::Error;
use crate::id::Id;
use crate::key_rotation::{self, ResealReport};
use crate::observer::Observation;

/// Calls for health checks and background tasks.
impl Challenges {
    /// Checks in one round trip that the store answers, and that it is still the store with which the service started.
    /// Writes nothing. Meant for the health checks of load balancers.
    ///
    /// # Errors
    ///
    /// - [`Error::Store`] when the store does not answer.
    /// - [`Error::Forgetful`] when the store was emptied, or replaced by another store.
    /// - [`Error::OtherKeys`] when the store has moved to a key that the ring lacks.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn check(&self) -> Result<(), Error> {
        self.inner.engine.check().await
    }

    /// Deletes at most `limit` expired records, and returns how many. Call this regularly, or start `spawn_upkeep` of
    /// the feature `tokio`: nothing else frees the space. Correctness does not depend on the call.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn sweep(&self, limit: usize) -> Result<usize, Error> {
        let engine = &self.inner.engine;
        let records = engine.store.purge(0..Id::SHARDS, engine.now().clock, limit).await?;
        engine.observe(&Observation::Swept { records });
        Ok(records)
    }

    /// Seals and authenticates stored records again under the active key: at most `limit` records (1 to 500) after the
    /// cursor. [`KeyRing`](crate::KeyRing) explains when to do so.
    ///
    /// A walk over the store is a series of calls, from the first record to the last. Each record is replaced by
    /// compare-and-set, so the service keeps running. Any number of walks may run at once, and an interrupted walk
    /// continues from the last cursor or from the start. The caller sets the pace by pausing between calls. Unreadable
    /// records are reported, and do not stop the walk. Each page is observed as [`Observation::Resealed`].
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the limit is out of range, or the cursor is malformed.
    /// - [`Error::Store`] when the store fails or finds a record corrupt, and [`Error::Contended`] when concurrent
    ///   writers keep changing a record: call again with the same cursor.
    ///
    /// # Examples
    ///
    /// A background task that returns when the old key may be removed:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::{Challenges, Error};
    ///
    /// async fn rotate(challenges: Challenges) -> Result<(), Error> {
    ///     let mut cursor: Option<String> = None;
    ///     loop {
    ///         let page = challenges.reseal(cursor.as_deref(), 100).await?;
    ///         if page.done {
    ///             return Ok(());
    ///         }
    ///         cursor = page.next;
    ///         // A walk that left something has to be repeated later.
    ///         let pause = if cursor.is_some() { Duration::from_millis(100) } else { Duration::from_secs(3_600) };
    ///         tokio::time::sleep(pause).await;
    ///     }
    /// }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn reseal(&self, after: Option<&str>, limit: usize) -> Result<ResealReport, Error> {
        key_rotation::reseal(&self.inner.engine, after, limit).await
    }
}
