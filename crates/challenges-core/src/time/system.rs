use std::time::{SystemTime, UNIX_EPOCH};

use super::{Clock, Timestamp};

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place of core that reads the clock")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as the epoch: everything that expires is then in the future of it, and TOTP
        // codes of the real time are refused.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().after(since)
    }
}
