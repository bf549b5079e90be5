use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::attempt::AttemptResult;
use crate::error::Error;
use crate::outbox::Courier;
use crate::outbox::{Dispatched, Outbox};

impl Outbox<'_> {
    /// Performs up to `limit` due entries (at least one) concurrently, and returns the results.
    ///
    /// The call returns when the last attempt has ended. A hanging courier therefore delays the call: have the courier
    /// respect [`Job::timeout`](crate::outbox::Job::timeout), and run another call meanwhile.
    ///
    /// # Delivery guarantees
    ///
    /// - Any number of calls, in any number of processes on one store, may run concurrently: each entry is leased by
    ///   compare-and-set before the attempt.
    /// - Each entry is performed at least once. An attempt without a stored result when the lease ends, for example
    ///   after a crash, is repeated under the same id.
    /// - The consequences of an entry are stored once.
    /// - Failed entries are retried as the [`DispatchPolicy`](crate::policy::DispatchPolicy) says. Entries that fail
    ///   for good become dead letters.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the entries leased. Each entry becomes due again when the lease ends.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails. Every entry was attempted nevertheless. Entries without a stored result
    /// become due again when the leases end.
    ///
    /// # Examples
    ///
    /// A loop to empty the outbox. Entries of this process are picked up at once, entries of other processes within a
    /// second:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::{Challenges, Courier};
    ///
    /// async fn work(challenges: Challenges, courier: impl Courier) {
    ///     loop {
    ///         let written = challenges.outbox().written();
    ///         let next = match challenges.outbox().dispatch(&courier, 64).await {
    ///             Ok(done) => done.next.map(|next| challenges.now().until(next)),
    ///             Err(_) => None,
    ///         };
    ///         let pause = next.unwrap_or(Duration::MAX).min(Duration::from_secs(1));
    ///         let _ = tokio::time::timeout(pause, written).await;
    ///     }
    /// }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "outbox.dispatch", level = "debug", skip_all))]
    pub async fn dispatch(self, courier: &dyn Courier, limit: usize) -> Result<Dispatched, Error> {
        let limit = limit.max(1);
        let due = self.due(limit).await?;
        let mut attempts: FuturesUnordered<_> =
            due.iter().map(|entry| self.attempt_stored(entry.stored(), courier)).collect();
        let (mut dispatched, mut failed) = (Dispatched::default(), None);
        while let Some(result) = attempts.next().await {
            match result {
                Ok(result) => count(&mut dispatched, result),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        // A full batch suggests that more entries are due.
        dispatched.next = if due.len() >= limit { Some(self.engine.now().clock) } else { self.next_due().await? };
        Ok(dispatched)
    }
}

fn count(dispatched: &mut Dispatched, result: AttemptResult) {
    let counter = match result {
        AttemptResult::Performed => &mut dispatched.performed,
        AttemptResult::Retried => &mut dispatched.retried,
        AttemptResult::Dead => &mut dispatched.dead,
        AttemptResult::Dropped => &mut dispatched.dropped,
        AttemptResult::Unreadable => &mut dispatched.unreadable,
        AttemptResult::Lost => &mut dispatched.lost,
    };
    *counter += 1;
}
