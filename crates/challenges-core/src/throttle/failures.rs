use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::engine::Engine;
use crate::error::Refused;
use crate::factor::Factor;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::time::{SKEW, Timestamp};

/// The lock of a factor after a counted failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    DelayedUntil(Timestamp),
    Disabled,
}

/// The consecutive failures of a user, per factor.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct FailureCounts(BTreeMap<Factor, Failures>);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Failures {
    in_a_row: u32,
    wait_until: Timestamp,
    /// The failures before the last pause that starts the delays again. These count towards disabling only.
    #[serde(default, skip_serializing_if = "codec::is_zero")]
    before_pause: u32,
}

impl Failures {
    fn delay(&self, policy: &Policy) -> Duration {
        policy.delay(self.in_a_row.saturating_sub(self.before_pause))
    }
}

impl FailureCounts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn admit(&self, factor: Factor, policy: &Policy, now: Timestamp) -> Result<(), Refused> {
        let Some(failures) = self.0.get(&factor) else { return Ok(()) };
        if failures.in_a_row >= policy.failures_before_disabled {
            return Err(Refused::FactorDisabled);
        }
        // No delay exceeds that of the last failure, so a later time was set by a clock that ran ahead.
        let latest = now.after(failures.delay(policy)).after(SKEW);
        if now < failures.wait_until && failures.wait_until <= latest { Err(Refused::Delayed) } else { Ok(()) }
    }

    pub(super) fn in_a_row(&self, factor: Factor) -> u32 {
        self.0.get(&factor).map_or(0, |failures| failures.in_a_row)
    }

    pub(super) fn count(&mut self, factor: Factor, policy: &Policy, now: Timestamp) -> Option<Lock> {
        let failures = self.0.entry(factor).or_insert(Failures { in_a_row: 0, wait_until: now, before_pause: 0 });
        // Successes clear the failures of every other factor.
        if factor == Factor::Code && now > failures.wait_until.after(policy.pause_before_short_delays()) {
            failures.before_pause = failures.in_a_row;
        }
        failures.in_a_row = failures.in_a_row.saturating_add(1);
        let delay = failures.delay(policy);
        let wait_until = now.after(delay);
        failures.wait_until = wait_until;
        if failures.in_a_row >= policy.failures_before_disabled {
            return Some(Lock::Disabled);
        }
        (!delay.is_zero()).then_some(Lock::DelayedUntil(wait_until))
    }

    pub(super) fn locks(&self, policy: &Policy, now: Timestamp) -> Vec<(Factor, Timestamp)> {
        let lock = |(factor, failures): (&Factor, &Failures)| match self.admit(*factor, policy, now) {
            Ok(()) => None,
            Err(Refused::FactorDisabled) => Some((*factor, Timestamp::MAX)),
            Err(_) => Some((*factor, failures.wait_until)),
        };
        self.0.iter().filter_map(lock).collect()
    }

    pub(super) fn clear_all(&mut self) -> Vec<Factor> {
        std::mem::take(&mut self.0).into_keys().collect()
    }

    pub(super) fn clear(&mut self, factor: Factor) -> bool {
        self.0.remove(&factor).is_some()
    }

    /// Takes back `count` failures of the factor, and keeps the others. Returns whether there were any to take back.
    pub(super) fn forgive(&mut self, factor: Factor, count: u32) -> bool {
        match self.0.get_mut(&factor) {
            None => false,
            Some(_) if count == 0 => false,
            Some(failures) if failures.in_a_row <= count => self.clear(factor),
            Some(failures) => {
                failures.in_a_row -= count;
                failures.before_pause = failures.before_pause.min(failures.in_a_row);
                true
            }
        }
    }
}

/// Observes that a counted failure locked a factor of the user.
pub(crate) fn observe_lock(engine: &Engine, owner: &Owner, factor: Factor, lock: Option<Lock>) {
    match lock {
        Some(Lock::DelayedUntil(until)) => engine.observe(&Observation::FactorDelayed { owner, factor, until }),
        Some(Lock::Disabled) => engine.observe(&Observation::FactorDisabled { owner, factor }),
        None => {}
    }
}

#[cfg(test)]
mod tests;
