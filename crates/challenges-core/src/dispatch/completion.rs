use super::attempt::AttemptResult;
use super::lease::Lease;
use super::message::MessageEnd;
use crate::error::Error;
use crate::observer::DropReason;
use crate::outbox::Outbox;
use crate::outbox::{Failure, Retry};
use crate::store::Commit;
use crate::time::Timestamp;

impl Outbox<'_> {
    /// Stores the outcome of an attempt.
    pub(super) async fn complete(
        self,
        lease: &Lease,
        outcome: Result<Option<u16>, Failure>,
    ) -> Result<AttemptResult, Error> {
        let failure = match outcome {
            Ok(status) if lease.body().is_message() => return self.complete_message(lease, status).await,
            Ok(status) => return self.complete_action(lease, status).await,
            Err(failure) => failure,
        };
        match failure.then {
            Retry::Later(wait) => match self.next_attempt(lease, wait)? {
                Some(due) => self.retry_at(lease, &failure, due).await,
                None => self.give_up(lease, Some(&failure)).await,
            },
            Retry::AddressGone if lease.endpoint().is_some() => self.end_message(lease, MessageEnd::AddressGone).await,
            Retry::AddressGone | Retry::Never => self.give_up(lease, Some(&failure)).await,
        }
    }

    /// Drops a pointless entry.
    pub(super) async fn drop_entry(self, lease: &Lease, reason: DropReason) -> Result<AttemptResult, Error> {
        if reason == DropReason::EndpointGone {
            return self.end_message(lease, MessageEnd::Dropped(reason)).await;
        }
        // The challenge has ended, or a newer message decides its end, so the challenge stays as it is.
        if self.engine.commit(vec![lease.delete()]).await? == Commit::Conflict {
            return Ok(AttemptResult::Lost);
        }
        self.engine.observe(&lease.dropped(reason));
        Ok(AttemptResult::Dropped)
    }

    /// Turns an entry into a dead letter.
    pub(super) async fn give_up(self, lease: &Lease, failure: Option<&Failure>) -> Result<AttemptResult, Error> {
        if lease.body().is_message() {
            return self.end_message(lease, MessageEnd::Dead(failure)).await;
        }
        self.bury_action(lease, failure).await
    }

    async fn retry_at(self, lease: &Lease, failure: &Failure, due: Timestamp) -> Result<AttemptResult, Error> {
        let put = lease.put_over(lease.version(), due)?;
        if self.engine.commit(vec![put]).await? == Commit::Conflict {
            return Ok(AttemptResult::Lost);
        }
        self.engine.observe(&lease.retried(failure, due));
        Ok(AttemptResult::Retried)
    }
}
