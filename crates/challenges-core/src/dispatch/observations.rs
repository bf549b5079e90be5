use super::lease::Lease;
use crate::observer::{DropReason, Observation};
use crate::outbox::Body;
use crate::outbox::Failure;
use crate::time::Timestamp;

impl Lease {
    pub(super) const fn performed(&self, status: Option<u16>) -> Observation<'_> {
        let Body { id, owner, challenge, .. } = self.body();
        Observation::OutboxPerformed { entry: *id, owner, challenge: *challenge, status }
    }

    pub(super) const fn retried<'a>(&'a self, failure: &'a Failure, due: Timestamp) -> Observation<'a> {
        let Body { id, owner, challenge, .. } = self.body();
        Observation::OutboxRetried { entry: *id, owner, challenge: *challenge, failure, due }
    }

    pub(super) const fn dead_lettered<'a>(&'a self, failure: Option<&'a Failure>) -> Observation<'a> {
        let Body { id, owner, challenge, .. } = self.body();
        Observation::OutboxDeadLettered { entry: *id, owner, challenge: *challenge, failure }
    }

    pub(super) fn dropped(&self, reason: DropReason) -> Observation<'_> {
        let Body { id, owner, challenge, .. } = self.body();
        Observation::OutboxDropped { entry: *id, owner, challenge: *challenge, reason: reason.into() }
    }
}
