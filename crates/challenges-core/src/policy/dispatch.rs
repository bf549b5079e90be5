use std::time::Duration;

use super::PolicyError;

/// How the outbox is worked off: [`Policy::dispatch`](super::Policy::dispatch).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DispatchPolicy {
    /// How long a courier may take for an attempt: 1 second to 10 minutes. Default 10 seconds. Serves R33 (ASVS 5.0.0 15.3.2).
    pub attempt: Duration,
    /// How long an entry belongs to the dispatcher that took it: at least two attempts, at most an hour. After a crash
    /// it takes so long until another one tries again. The clocks of processes on one store have to agree within 5 seconds,
    /// and within a sixth of this, or they take entries from each other. Default 30 seconds. Serves R52.
    pub lease: Duration,
    /// Attempts at an entry before it is a dead letter, those that a crash cut off included: 1 to 1,000. Default 64,
    /// which with the default pauses takes more than a day, so that [`action_age`](Self::action_age) ends actions.
    /// Serves R53.
    pub attempts: u32,
    /// The longest pause after the first failure; it doubles with each, and how much of it is waited is left to chance.
    /// Default 1 second. Serves R53.
    pub first_retry: Duration,
    /// The longest pause there is, whatever the other side asks for. Default 1 hour. Serves R53.
    pub longest_retry: Duration,
    /// How long an action is attempted before it is a dead letter, if [`attempts`](Self::attempts) last so long: 1 second to
    /// 30 days. A message is attempted for as long as its challenge lives. Default 1 day. Serves R53.
    pub action_age: Duration,
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
        }
    }
}

impl DispatchPolicy {
    /// How far ahead the clock of another dispatcher may be.
    pub(crate) fn skew(&self) -> Duration {
        (self.lease / 6).min(Duration::from_secs(5))
    }

    pub(super) fn checks(&self) -> [(bool, PolicyError); 5] {
        let second = Duration::from_secs(1);
        let hour = Duration::from_secs(3_600);
        let month = Duration::from_secs(30 * 86_400);
        [
            ((second..=hour / 6).contains(&self.attempt), PolicyError::DispatchAttempt),
            ((2 * self.attempt..=hour).contains(&self.lease), PolicyError::DispatchLease),
            ((1..=1_000).contains(&self.attempts), PolicyError::DispatchAttempts),
            (
                self.first_retry >= Duration::from_millis(1) && self.longest_retry >= self.first_retry,
                PolicyError::DispatchRetries,
            ),
            ((second..=month).contains(&self.action_age), PolicyError::ActionAge),
        ]
    }
}
