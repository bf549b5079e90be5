use std::time::Duration;

use super::Policy;
use crate::error::Invalid;

/// A condition on a policy, with the name and the bounds of the field that must hold them.
pub(super) type Check = (bool, &'static str, &'static str);

impl Policy {
    /// Checks every limit against the documented range.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let day = Duration::from_secs(86_400);
        let second = Duration::from_secs(1);
        let checks = [
            ((1..=100).contains(&self.guesses_per_challenge), "guesses_per_challenge", "1 to 100"),
            ((1..=1_000).contains(&self.secrets_per_challenge), "secrets_per_challenge", "1 to 1000"),
            ((1..=100).contains(&self.failures_before_delay), "failures_before_delay", "1 to 100"),
            ((1..=100).contains(&self.failures_before_disabled), "failures_before_disabled", "1 to 100"),
            (
                (second..=self.longest_delay).contains(&self.first_delay) && self.longest_delay <= day,
                "first_delay",
                "at least 1 second, and longest_delay at least first_delay and at most 1 day",
            ),
            (self.totp_skew <= 2, "totp_skew", "0, 1 or 2 steps"),
            (self.code_digits.is_none_or(|digits| (6..=10).contains(&digits)), "code_digits", "6 to 10"),
            (self.message_code_digits.is_none_or(|digits| (6..=8).contains(&digits)), "message_code_digits", "6 to 8"),
            ((second..=day).contains(&self.longest_timeout), "longest_timeout", "1 second to 1 day"),
            (
                (second..=self.longest_timeout).contains(&self.default_timeout),
                "default_timeout",
                "1 second to longest_timeout",
            ),
            ((second..=day).contains(&self.pending_enrollment), "pending_enrollment", "1 second to 1 day"),
            ((60 * second..=3_600 * second).contains(&self.confirmation), "confirmation", "1 minute to 1 hour"),
            (self.retention >= 60 * second, "retention", "at least 1 minute"),
            ((second..=day).contains(&self.sweep_interval), "sweep_interval", "1 second to 1 day"),
            (self.enrollments >= 1, "enrollments", "at least 1"),
            ((1..=10_000).contains(&self.open_challenges), "open_challenges", "1 to 10000"),
            ((8..=16).contains(&self.recovery_codes), "recovery_codes", "8 to 16"),
            ((60 * second..=30 * day).contains(&self.trusted_device_age), "trusted_device_age", "1 minute to 30 days"),
            (
                (60 * second..=30 * day).contains(&self.trusted_device_idle),
                "trusted_device_idle",
                "1 minute to 30 days",
            ),
            ((second..=day).contains(&self.grant_age), "grant_age", "1 second to 1 day"),
        ];
        checks
            .into_iter()
            .chain(self.dispatch.checks())
            .chain(self.sends.checks())
            .find(|(holds, ..)| !holds)
            .map_or(Ok(()), |(_, field, bounds)| Err(Invalid::Policy { field, bounds }))
    }
}
