use std::time::Duration;

use strum::IntoStaticStr;

use super::PolicyError;

/// The rate limits of messages: [`Policy::sends`](super::Policy::sends). Text messages cost money, and push messages wear
/// people down until they approve.
///
/// A challenge over the limits of the user is refused ([`Invalid::TooManyMessages`](crate::Invalid::TooManyMessages)),
/// or issued without a message if the user can answer in another way. A message over another limit waits if the limit
/// ends before the challenge expires. Otherwise the message becomes a dead letter at once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendPolicy {
    /// The shortest time between two sends to a user, for the same challenge or another: at most 1 hour. A success ends the
    /// cool-down, as described for `per_user`. Default 30 seconds. Serves R19.
    pub cool_down: Duration,
    /// The number of sends to a user within [`SendPolicy::window`] since the user last passed a challenge by a message, or
    /// confirmed a phone number: 1 to 1,000. A challenge sent to several endpoints at once counts as one send. Default 10.
    /// Serves R19 and R20.
    pub per_user: u32,
    /// The number of sends to a user within the window, regardless of successes: 1 to 10,000. Without this limit, an
    /// answering user could cause paid messages without end. Default 100. Serves R20.
    pub per_user_in_window: u32,
    /// The number of messages to one phone number or push subscription within the window, over all users: 1 to 10,000.
    /// Attempts count. Default 30. Serves R20.
    pub per_destination: u32,
    /// The number of messages in total within the window: at least 1. Default 10,000; raise the limit for a service
    /// with many users. Each process takes messages from the total in chunks of at most 100. When a process ends, the
    /// rest of the last chunk is lost until the window ends. Serves R20.
    pub in_total: u32,
    /// The time a send counts: 1 minute to 30 days. Default 1 day. Serves R20.
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

    /// Returns the size of a chunk: the messages that a process takes from the total at once.
    pub(crate) fn chunk(&self) -> u32 {
        (self.in_total / 100).clamp(1, 100)
    }
}

/// The rate limit that held back a message. See [`SendPolicy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum SendLimit {
    /// The limit of the user, or the cool-down after the last message.
    User,
    /// The limit of the address.
    Destination,
    /// The limit of all messages together.
    Total,
}
