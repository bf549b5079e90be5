use std::time::Duration;

use super::attempt::AttemptResult;
use super::retry::random;
use crate::error::Error;
use crate::id::OutboxId;
use crate::observer::Observation;
use crate::outbox::Outbox;
use crate::store::{Commit, Record, Stored, Write};

/// The shortest pause before another look at an unreadable entry; the jitter adds up to the same again. Someone has to
/// add a key or deploy a newer version first.
pub(super) const UNREADABLE_PAUSE: Duration = Duration::from_secs(60);

impl Outbox<'_> {
    /// Postpones an entry if the entry or a consequence is unreadable, and changes nothing else. Any other error is
    /// returned.
    ///
    /// An entry that does not verify keeps all stored bytes and stays unverified: the commit authenticates only the new
    /// times (`RecordTags::tagged`). So a forged entry never becomes valid, and an entry under a missing key is
    /// readable again once the ring has the key.
    pub(super) async fn postpone_unreadable(self, stored: &Stored, error: Error) -> Result<AttemptResult, Error> {
        if !matches!(error, Error::Seal(_) | Error::Body(_)) {
            return Err(error);
        }
        let engine = self.engine;
        let jitter = Duration::from_millis((60_000 * (random(engine)? >> 32)) >> 32);
        let due = engine.now().clock.after(UNREADABLE_PAUSE + jitter);
        let record = Record { due: Some(due), ..stored.record.clone() };
        let put = Write::update(stored.version, record);
        if engine.commit(vec![put]).await? == Commit::Conflict {
            return Ok(AttemptResult::Lost);
        }
        engine.observe(&Observation::OutboxUnreadable { entry: OutboxId(stored.record.key.id), error: &error });
        Ok(AttemptResult::Unreadable)
    }
}
