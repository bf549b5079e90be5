use std::time::Duration;

use strum::IntoStaticStr;

use super::validation::Check;

/// The rate limits of messages: [`Policy::sends`](super::Policy::sends). Text messages cost money, and repeated push
/// messages wear users down into approving.
///
/// A challenge over the limits of the user is refused ([`Invalid::TooManyMessages`](crate::Invalid::TooManyMessages)),
/// or issued without a message if the user can answer in another way. A message over another limit waits if the limit
/// admits the message before the challenge expires. Otherwise the message becomes a dead letter at once.
///
/// # Counts
///
/// | limit | counted | when |
/// |---|---|---|
/// | [`cool_down`](Self::cool_down), [`per_user`](Self::per_user), [`per_user_in_window`](Self::per_user_in_window) | a send: all messages of one issue, resend or confirmation | when the messages are queued |
/// | [`messages_per_user`](Self::messages_per_user) | a message to one endpoint | at the first attempt |
/// | [`attempts_per_user`](Self::attempts_per_user) | an attempt at a message, retries too | at each attempt |
/// | [`per_destination`](Self::per_destination) | a message with a link | at the first attempt |
/// | [`confirmations_per_user`](Self::confirmations_per_user), [`confirmations_per_destination`](Self::confirmations_per_destination) | a confirmation code | at the first attempt |
/// | [`in_total`](Self::in_total) | a message with a link; text messages, push messages and e-mails apart | at the first attempt |
/// | [`notices_per_user`](Self::notices_per_user) | a notice of a change, to any number of addresses | when the notice is queued |
/// | [`notice_copies_per_user`](Self::notice_copies_per_user) | a message with a notice to the second and each further address of a kind; text messages, push messages and e-mails apart | when the notice is queued |
/// | [`confirmations_in_total`](Self::confirmations_in_total) | a confirmation code; text messages and e-mails apart | at the first attempt |
///
/// The limits are checked in this order: user, total, destination. An attempt over a limit is not made. When the total
/// or the destination refuses an attempt, the attempt still counts in the limits of the user, and nowhere else. Only
/// the attempts of the user limit the retries of a message, so a fault of the gateway does not use up the limit of a
/// number.
///
/// Notices have separate counts for `attempts_per_user`, `per_destination` and `in_total`, with the same limits.
///
/// After a crash during the first attempt, the next attempt counts as another message. HTTP actions have a limit of
/// their own, [`DispatchPolicy::actions_per_user`](super::DispatchPolicy::actions_per_user).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendPolicy {
    /// The shortest time between two sends to a user, for the same challenge or another: at most 1 hour. Default 30
    /// seconds. Serves R19.
    ///
    /// A success ends the cool-down, as described for `per_user`. The cool-down also ends when every message of the
    /// send has failed: refused for good, out of attempts, or to an address that is gone.
    pub cool_down: Duration,
    /// The number of sends to a user within [`SendPolicy::window`] since the user last passed a challenge by a message,
    /// or confirmed an address: 1 to 1,000. A challenge sent to several endpoints at once counts as one send.
    /// Default 10. Serves R19 and R20.
    pub per_user: u32,
    /// The number of sends to a user within the window, regardless of successes: 1 to 10,000. Without this limit, an
    /// answering user could cause paid messages without end. Default 100. Serves R20.
    pub per_user_in_window: u32,
    /// The number of messages to all endpoints of a user within the window: 1 to 10,000. Retries of a message do not
    /// count. A user with many endpoints therefore takes a small part of [`in_total`](Self::in_total). Default 200.
    /// Serves R62.
    pub messages_per_user: u32,
    /// The number of attempts at messages of a user within the window, retries included: 1 to 100,000. Default 1,000.
    /// Serves R62: dead receivers of a user cost a bounded number of attempts.
    pub attempts_per_user: u32,
    /// The number of confirmation codes to all numbers and mailboxes of a user within the window: 1 to 10,000. Retries
    /// of a message do not count. A code counts in [`messages_per_user`](Self::messages_per_user) too. Default 20.
    /// Serves R62: a user takes a small part of [`confirmations_in_total`](Self::confirmations_in_total).
    pub confirmations_per_user: u32,
    /// The number of messages with a link to one phone number, e-mail address or push subscription within the window,
    /// over all users: 1 to 10,000. Retries of a message do not count. Default 30. Serves R20.
    pub per_destination: u32,
    /// The number of confirmation codes to one phone number or e-mail address within the window, over all users: 1 to
    /// 10,000. Retries of a message do not count. Default 5. Confirmation codes never count in
    /// [`per_destination`](Self::per_destination): registering an address cannot stop the challenges of the confirmed
    /// owner. Serves R62.
    pub confirmations_per_destination: u32,
    /// The number of messages with a link in total within the window, for text messages, push messages and e-mails
    /// each: at least 1. Default 10,000 of each; raise the limit for a service with many users. Retries of a message do
    /// not count. Each process takes messages from a total in chunks of at most 100. When a process ends, the rest of
    /// the last chunk is lost until the window ends. Serves R20.
    pub in_total: u32,
    /// The number of confirmation codes in total within the window, for text messages and e-mails each: at least 1, in
    /// chunks like [`in_total`](Self::in_total). Default 1,000 of each. Serves R62: registrations use up no messages of
    /// challenges, and mailboxes no codes of phone numbers.
    pub confirmations_in_total: u32,
    /// The number of notices of changes of a user's account within the window: at most 1,000; 0 sends none. Default 20.
    /// A notice goes to every address of the user, within [`notice_copies_per_user`](Self::notice_copies_per_user).
    /// Locks of factors have a count of their own with the same limit; see [`Notice`](crate::outbox::Notice). Serves
    /// R62 and R67.
    pub notices_per_user: u32,
    /// The number of messages with notices to the second and each further phone number of a user within the window, to
    /// the further e-mail addresses, and to the further push subscriptions: at most 10,000. Default 40 of each. Locks of
    /// factors have counts of their own with the same limit.
    ///
    /// The oldest phone number, e-mail address and push subscription receive every notice, so nobody mutes the user by
    /// adding addresses. Half of the copies are spread evenly over the notices of the window, the oldest addresses first:
    /// with the defaults, the second oldest of each kind receives every notice too. Changes of a user then cause at most
    /// 60 text messages with notices a day, and locks as many. Serves R62.
    pub notice_copies_per_user: u32,
    /// The time a send, message or attempt counts: 1 minute to 30 days. Default 1 day. Serves R20.
    pub window: Duration,
}

impl Default for SendPolicy {
    fn default() -> Self {
        Self {
            cool_down: Duration::from_secs(30),
            per_user: 10,
            per_user_in_window: 100,
            messages_per_user: 200,
            attempts_per_user: 1_000,
            confirmations_per_user: 20,
            per_destination: 30,
            confirmations_per_destination: 5,
            in_total: 10_000,
            confirmations_in_total: 1_000,
            notices_per_user: 20,
            notice_copies_per_user: 40,
            window: Duration::from_secs(86_400),
        }
    }
}

impl SendPolicy {
    pub(super) fn checks(&self) -> [Check; 13] {
        let minute = Duration::from_secs(60);
        [
            (self.cool_down <= 60 * minute, "sends.cool_down", "at most 1 hour"),
            ((1..=1_000).contains(&self.per_user), "sends.per_user", "1 to 1000"),
            ((1..=10_000).contains(&self.per_user_in_window), "sends.per_user_in_window", "1 to 10000"),
            ((1..=10_000).contains(&self.messages_per_user), "sends.messages_per_user", "1 to 10000"),
            ((1..=100_000).contains(&self.attempts_per_user), "sends.attempts_per_user", "1 to 100000"),
            ((1..=10_000).contains(&self.confirmations_per_user), "sends.confirmations_per_user", "1 to 10000"),
            ((1..=10_000).contains(&self.per_destination), "sends.per_destination", "1 to 10000"),
            (
                (1..=10_000).contains(&self.confirmations_per_destination),
                "sends.confirmations_per_destination",
                "1 to 10000",
            ),
            (self.in_total >= 1, "sends.in_total", "at least 1"),
            (self.confirmations_in_total >= 1, "sends.confirmations_in_total", "at least 1"),
            (self.notices_per_user <= 1_000, "sends.notices_per_user", "0 to 1000"),
            (self.notice_copies_per_user <= 10_000, "sends.notice_copies_per_user", "0 to 10000"),
            ((minute..=minute * 60 * 24 * 30).contains(&self.window), "sends.window", "1 minute to 30 days"),
        ]
    }

    /// Returns the size of a chunk: the messages that a process takes from a total of `max` at once.
    pub(crate) fn chunk(max: u32) -> u32 {
        (max / 100).clamp(1, 100)
    }
}

/// The rate limit that held back a message. See [`SendPolicy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum SendLimit {
    /// A limit of the user, or the cool-down after the last message.
    User,
    /// The limit of the address.
    Destination,
    /// The limit of all messages of the channel together.
    Total,
}

impl SendLimit {
    /// Returns the name of the limit, such as `total`.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}
