use challenges_core::outbox::{DueEntry, Failure, Job, Retry};
use challenges_core::{Courier, Error};

use super::host::Host;
use super::operation::{Attempted, Pick};

impl Host<'_> {
    /// Attempts a due entry. The result appears in the observations.
    pub(super) async fn attempt(&mut self, pick: Pick, ends: Attempted) -> Result<String, Error> {
        let mut due = self.challenges.outbox().due(usize::MAX).await?;
        // Entries with equal due times may be in any order.
        due.sort_unstable_by_key(DueEntry::id);
        let entry = pick.of(&due).ok_or(Error::NotFound)?;
        self.challenges.outbox().attempt(entry, &Ends(ends)).await?;
        Ok(format!("{} attempted", entry.id()))
    }
}

/// A courier with the same result for every attempt.
#[derive(Debug)]
struct Ends(Attempted);

#[async_trait::async_trait]
impl Courier for Ends {
    async fn perform(&self, _: &Job) -> Result<Option<u16>, Failure> {
        let then = match self.0 {
            Attempted::Performed => return Ok(None),
            Attempted::FailedForNow => Retry::Later(None),
            Attempted::FailedForGood => Retry::Never,
            Attempted::AddressGone => Retry::AddressGone,
        };
        Err(Failure::new(then, "failure planned by the sequence"))
    }
}
