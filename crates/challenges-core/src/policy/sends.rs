use std::time::Duration;

use super::PolicyError;

/// How many messages are sent: [`Policy::sends`](super::Policy::sends). Text messages cost money and push messages wear
/// people down until they approve, so all of these hold unless a host says otherwise.
///
/// A challenge that is over the limits of its user is refused
/// ([`Invalid::TooManyMessages`](crate::Invalid::TooManyMessages)), or issued without a message, where its user can
/// answer it otherwise. A message that is over another limit waits, where there will be room
/// before its challenge is over; where not, it is a dead letter at once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendPolicy {
    /// The shortest time between two sends to a user, be it another challenge or the same one again: at most an hour.
    /// A success ends it, as below. Default 30 seconds. Serves R19.
    pub cool_down: Duration,
    /// Sends to a user within [`SendPolicy::window`] since the user last passed a challenge by a message, or confirmed a
    /// phone number: 1 to 1,000. A challenge that is sent to several endpoints at once is one send. Default 10. Serves R19
    /// and R20.
    pub per_user: u32,
    /// Sends to a user within the window, successes or not: 1 to 10,000. Without it a user who answers could have messages
    /// sent, and paid for, without end. Default 100. Serves R20.
    pub per_user_in_window: u32,
    /// Messages to one phone number or push subscription within the window, whosever it is: 1 to 10,000. Attempts count.
    /// Default 30. Serves R20.
    pub per_destination: u32,
    /// Messages in total within the window: at least 1. Processes take their share of it in chunks of at most 100, and what
    /// is left of the chunk of one that ends is not sent. Default 10,000: raise it for a service of many users. Serves R20.
    pub in_total: u32,
    /// How long a send counts: 1 minute to 30 days. Default 1 day. Serves R20.
    pub window: Duration,
}

impl Default for SendPolicy {
    fn default() -> Self {
        Self {
            cool_down: Duration::from_secs(30),
            per_user: 10,
            per_user_in_window: 100,
            per_destination: 30,
            in_total: 10_000,
            window: Duration::from_secs(86_400),
        }
    }
}

impl SendPolicy {
    pub(super) fn checks(&self) -> [(bool, PolicyError); 6] {
        let minute = Duration::from_secs(60);
        [
            (self.cool_down <= 60 * minute, PolicyError::SendCoolDown),
            ((1..=1_000).contains(&self.per_user), PolicyError::SendsPerUser),
            ((1..=10_000).contains(&self.per_user_in_window), PolicyError::SendsPerUserInWindow),
            ((1..=10_000).contains(&self.per_destination), PolicyError::SendsPerDestination),
            (self.in_total >= 1, PolicyError::SendsInTotal),
            ((minute..=minute * 60 * 24 * 30).contains(&self.window), PolicyError::SendWindow),
        ]
    }

    /// How many messages a process takes from the total at once.
    pub(crate) fn chunk(&self) -> u32 {
        (self.in_total / 100).clamp(1, 100)
    }
}
