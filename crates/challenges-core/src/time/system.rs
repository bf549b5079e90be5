use std::time::{SystemTime, UNIX_EPOCH};

use super::{Clock, Timestamp};

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit value that callers name")]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place of core that reads the clock")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as the epoch. Nothing has expired then, and TOTP codes of the real time are
        // refused.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().after(since_epoch)
    }
}
