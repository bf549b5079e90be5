use std::time::Duration;

use super::validation::Check;

/// The limits of the dispatch of outbox entries: [`Policy::dispatch`](super::Policy::dispatch).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DispatchPolicy {
    /// The time a courier may take for an attempt: 1 second to 10 minutes. Default 10 seconds. Serves R33
    /// (ASVS 5.0.0 15.3.2).
    pub attempt: Duration,
    /// The lease of a dispatcher on an entry: at least two attempts, at most 1 hour. Default 30 seconds. Serves R52.
    ///
    /// After a crash of the dispatcher, the next attempt waits for the lease to expire. The clocks of processes on one
    /// store must agree within 5 seconds and within a sixth of the lease, or dispatchers take entries from each other.
    pub lease: Duration,
    /// The number of attempts at an entry before the entry becomes a dead letter: 1 to 1,000. Attempts cut off by a
    /// crash count. Default 64, which with the default retries takes more than a day, so
    /// [`action_age`](Self::action_age) ends actions. Serves R53.
    pub attempts: u32,
    /// The longest pause after the first failure: at least 1 millisecond. The pause doubles with each failure. The
    /// dispatcher waits for a random part of the pause. Default 1 second. Serves R53.
    pub first_retry: Duration,
    /// The longest pause between attempts, whatever the receiver asks for: at least [`first_retry`](Self::first_retry).
    /// Default 1 hour. Serves R53.
    pub longest_retry: Duration,
    /// The age at which an action becomes a dead letter, unless [`attempts`](Self::attempts) run out earlier: 1 second
    /// to 30 days. A message is attempted until its challenge expires. Default 1 day. Serves R53.
    pub action_age: Duration,
    /// The number of HTTP actions that the one-time-use actions created for a user may queue within
    /// [`action_age`](Self::action_age): 1 to 30,000. Default 10,000. Each one-time-use action counts with the larger
    /// of the two outcomes, at creation. The count starts at zero after each window, so twice as many may be due at the
    /// same time. Serves R62: a dispatcher looks past 65,536 due entries for the messages and actions of others.
    pub actions_per_user: u32,
}

impl Default for DispatchPolicy {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(10),
            lease: Duration::from_secs(30),
            attempts: 64,
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_secs(3_600),
            action_age: Duration::from_secs(86_400),
            actions_per_user: 10_000,
        }
    }
}

impl DispatchPolicy {
    /// Returns the tolerated lead of the clock of another dispatcher.
    pub(crate) fn skew(&self) -> Duration {
        (self.lease / 6).min(Duration::from_secs(5))
    }

    pub(super) fn checks(&self) -> [Check; 6] {
        let second = Duration::from_secs(1);
        let hour = Duration::from_secs(3_600);
        let month = Duration::from_secs(30 * 86_400);
        [
            ((second..=hour / 6).contains(&self.attempt), "dispatch.attempt", "1 second to 10 minutes"),
            (
                (self.attempt.saturating_mul(2)..=hour).contains(&self.lease),
                "dispatch.lease",
                "at least twice dispatch.attempt and at most 1 hour",
            ),
            ((1..=1_000).contains(&self.attempts), "dispatch.attempts", "1 to 1000"),
            (
                self.first_retry >= Duration::from_millis(1) && self.longest_retry >= self.first_retry,
                "dispatch.first_retry",
                "at least 1 millisecond, and dispatch.longest_retry at least first_retry",
            ),
            ((second..=month).contains(&self.action_age), "dispatch.action_age", "1 second to 30 days"),
            ((1..=30_000).contains(&self.actions_per_user), "dispatch.actions_per_user", "1 to 30000"),
        ]
    }
}
