use super::attempt::AttemptResult;
use super::lease::Lease;
use crate::approvals;
use crate::error::Error;
use crate::outbox::Failure;
use crate::outbox::{Death, Outbox};
use crate::store::Commit;

impl Outbox<'_> {
    /// Deletes the entry of a performed action, and stores the result.
    pub(super) async fn complete_action(self, lease: &Lease, status: Option<u16>) -> Result<AttemptResult, Error> {
        let now = self.engine.now();
        let mut writes = vec![lease.delete()];
        if let Some((result, until)) = lease.body().result(now.latest, status, true) {
            writes.extend(approvals::put_result(result, until, now)?);
        }
        if self.engine.commit(writes).await? == Commit::Conflict {
            return Ok(AttemptResult::Lost);
        }
        self.engine.observe(&lease.performed(status));
        Ok(AttemptResult::Performed)
    }

    /// Turns the entry of a failed action into a dead letter. The letter also serves as the result.
    pub(super) async fn bury_action(self, lease: &Lease, failure: Option<&Failure>) -> Result<AttemptResult, Error> {
        let status = failure.and_then(|failure| failure.status);
        let death = Death { at: self.engine.now().latest, status };
        if self.engine.commit(vec![lease.delete(), lease.bury(death)?]).await? == Commit::Conflict {
            return Ok(AttemptResult::Lost);
        }
        self.engine.observe(&lease.dead_lettered(failure));
        Ok(AttemptResult::Dead)
    }
}
