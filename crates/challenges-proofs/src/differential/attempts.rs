use challenges_core::{Courier, Error, Failure, Job, Receipt, Retry};

use super::host::Host;
use super::operation::{Attempted, Pick};

impl Host<'_> {
    /// Attempts something that is due; the observer is told what comes of it.
    pub(super) async fn attempt(&mut self, pick: Pick, ends: Attempted) -> Result<String, Error> {
        let mut due = self.challenges.due_entries(usize::MAX).await?;
        // What is due at the same time comes in any order.
        due.sort_unstable_by_key(challenges_core::DueEntry::id);
        let entry = pick.of(&due).ok_or(Error::NotFound)?;
        self.challenges.attempt(entry, &Ends(ends)).await?;
        Ok(format!("{} attempted", entry.id()))
    }
}

/// Ends every attempt alike.
#[derive(Debug)]
struct Ends(Attempted);

#[async_trait::async_trait]
impl Courier for Ends {
    async fn perform(&self, _: &Job) -> Result<Receipt, Failure> {
        let then = match self.0 {
            Attempted::Performed => return Ok(Receipt::default()),
            Attempted::FailedForNow => Retry::Later(None),
            Attempted::FailedForGood => Retry::Never,
            Attempted::AddressGone => Retry::AddressGone,
        };
        Err(Failure::new(then, "as the sequence has it"))
    }
}
