//! What is remembered of a user over all challenges: failures in a row, for each guessable factor, and what was sent.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::challenge::Refused;
use crate::codec::Form;
use crate::owner::Owner;
use crate::policy::{Policy, SendPolicy};
use crate::sends::Sends;
use crate::time::{SKEW, Timestamp};

/// A factor that can be guessed, whose failures are counted over all challenges of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Factor {
    /// TOTP codes that answer challenges.
    Totp,
    /// TOTP codes that complete enrollments: apart from the former, so that enrolling a key of one's own clears nothing.
    TotpEnrollment,
    /// Short codes.
    Code,
    /// Codes that confirm phone numbers.
    Phone,
    /// Numbers that are shown where a challenge was started, with the right secret of its link.
    Number,
}

impl Factor {
    /// Its name in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::TotpEnrollment => "totp_enrollment",
            Self::Code => "code",
            Self::Phone => "phone",
            Self::Number => "number",
        }
    }
}

/// What a counted failure brought about for its factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    DelayedUntil(Timestamp),
    Disabled,
}

/// One record an owner. It is also rewritten whenever a set of the owner's records changes, so that two changes of a
/// set meet a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    v: Form,
    pub(crate) owner: Owner,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    failures: BTreeMap<Factor, Failures>,
    /// Since the last success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sends: Option<Sends>,
    /// Successes or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all_sends: Option<Sends>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Failures {
    in_a_row: u32,
    wait_until: Timestamp,
}

impl Subject {
    pub(crate) const fn new(owner: Owner) -> Self {
        Self { v: Form, owner, failures: BTreeMap::new(), sends: None, all_sends: None }
    }

    /// Whether an answer of that factor may be compared at that time.
    pub(crate) fn admit(&self, factor: Factor, policy: &Policy, now: Timestamp) -> Result<(), Refused> {
        match self.failures.get(&factor) {
            Some(failures) if failures.in_a_row >= policy.failures_before_disabled => Err(Refused::FactorDisabled),
            // No delay is longer than the longest: what lies further ahead was set by a clock that was wrong.
            Some(Failures { wait_until, .. })
                if now < *wait_until && *wait_until <= now.after(policy.longest_delay).after(SKEW) =>
            {
                Err(Refused::Delayed)
            }
            _ => Ok(()),
        }
    }

    /// Failures of that factor in a row.
    pub(crate) fn failures(&self, factor: Factor) -> u32 {
        self.failures.get(&factor).map_or(0, |failures| failures.in_a_row)
    }

    /// Counts a failure; answers how the factor is locked by it, if it is.
    pub(crate) fn count_failure(&mut self, factor: Factor, policy: &Policy, now: Timestamp) -> Option<Lock> {
        let in_a_row = self.failures(factor).saturating_add(1);
        let delay = policy.delay(in_a_row);
        let wait_until = now.after(delay);
        self.failures.insert(factor, Failures { in_a_row, wait_until });
        if in_a_row >= policy.failures_before_disabled {
            return Some(Lock::Disabled);
        }
        (!delay.is_zero()).then_some(Lock::DelayedUntil(wait_until))
    }

    /// Whether there are no failures to remember.
    pub(crate) fn has_no_failures(&self) -> bool {
        self.failures.is_empty()
    }

    /// Counts a send, unless that is one too many or too soon: then it answers how long to wait.
    pub(crate) fn count_send(&mut self, policy: &SendPolicy, now: Timestamp) -> Result<(), Duration> {
        let current = |sends: Option<Sends>| sends.unwrap_or(Sends::none(now)).current(policy.window, now);
        let (sends, all) = (current(self.sends), current(self.all_sends));
        let until_room = |sends: Sends, most| match sends.left(most) {
            0 => sends.until_over(policy.window, now),
            _ => Duration::ZERO,
        };
        let wait = until_room(sends, policy.per_user)
            .max(until_room(all, policy.per_user_in_window))
            .max(sends.until_cooled(policy.cool_down, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        (self.sends, self.all_sends) = (Some(sends.and(1, now)), Some(all.and(1, now)));
        Ok(())
    }

    /// From when on nothing that was sent counts any more.
    pub(crate) fn sends_over(&self, window: Duration) -> Option<Timestamp> {
        [self.sends, self.all_sends].into_iter().flatten().map(|sends| sends.over(window)).max()
    }

    /// Forgets what was sent before a success; whether there was anything.
    pub(crate) fn clear_sends(&mut self) -> bool {
        self.sends.take().is_some()
    }

    /// Forgets the failures of that factor and of no other; whether there were any.
    pub(crate) fn clear(&mut self, factor: Factor) -> bool {
        self.failures.remove(&factor).is_some()
    }
}

#[cfg(test)]
mod tests;
