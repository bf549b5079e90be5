use std::time::Duration;

use super::lease::Lease;
use crate::engine::Engine;
use crate::entropy::{self, NoEntropy};
use crate::error::Error;
use crate::outbox::Outbox;
use crate::policy::DispatchPolicy;
use crate::time::Timestamp;

impl Outbox<'_> {
    /// Returns the time of the next attempt, or `None` when no attempt is left or the entry expires first. The receiver
    /// may have asked to `wait`.
    pub(super) fn next_attempt(self, lease: &Lease, wait: Option<Duration>) -> Result<Option<Timestamp>, Error> {
        let policy = &self.engine.policy.dispatch;
        if lease.attempts() >= policy.attempts {
            return Ok(None);
        }
        let pause = pause(policy, lease.attempts(), wait, random(self.engine)?);
        let now = self.engine.now();
        let in_time = now.latest.after(pause) < lease.until();
        Ok(in_time.then(|| now.clock.after(pause)))
    }
}

/// Returns 64 random bits.
pub(super) fn random(engine: &Engine) -> Result<u64, NoEntropy> {
    Ok(u64::from_le_bytes(entropy::bytes(engine.entropy())?))
}

/// Returns the pause after a number of failed attempts: exponential backoff with full jitter, from zero to the current
/// maximum, so that entries failing together are not retried together. A longer pause asked for by the receiver is
/// respected up to the longest pause of the policy.
fn pause(policy: &DispatchPolicy, attempts: u32, wait: Option<Duration>, random: u64) -> Duration {
    let doublings = attempts.saturating_sub(1);
    let max = policy.first_retry.saturating_mul(2_u32.saturating_pow(doublings)).min(policy.longest_retry);
    let drawn = max.as_millis().saturating_mul(random.into()) >> 64;
    let drawn = Duration::from_millis(u64::try_from(drawn).unwrap_or(u64::MAX));
    drawn.max(wait.unwrap_or_default().min(policy.longest_retry))
}

#[cfg(test)]
mod tests;
