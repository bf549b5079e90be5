use std::time::Duration;

use crate::policy::DispatchPolicy;

/// How long to wait after so many attempts: exponential back-off with full jitter, that is, anything between nothing
/// and the longest that is due, so that what failed together does not come back together. What the other side asked for
/// is heeded up to the longest pause.
pub(crate) fn pause(policy: &DispatchPolicy, attempts: u32, asked: Option<Duration>, random: u64) -> Duration {
    let doublings = attempts.saturating_sub(1);
    let longest = policy.first_retry.saturating_mul(2_u32.saturating_pow(doublings)).min(policy.longest_retry);
    let drawn = longest.as_millis().saturating_mul(random.into()) >> 64;
    let drawn = Duration::from_millis(u64::try_from(drawn).unwrap_or(u64::MAX));
    drawn.max(asked.unwrap_or_default().min(policy.longest_retry))
}

#[cfg(test)]
mod tests;
