use std::time::Duration;

use super::{CodeForm, Policy, PolicyError};

impl Policy {
    /// Checks every limit against the documented range.
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let day = Duration::from_secs(86_400);
        let second = Duration::from_secs(1);
        let checks = [
            ((1..=100).contains(&self.guesses_per_challenge), PolicyError::GuessesPerChallenge),
            ((1..=1_000).contains(&self.secrets_per_challenge), PolicyError::SecretsPerChallenge),
            ((1..=100).contains(&self.failures_before_delay), PolicyError::FailuresBeforeDelay),
            ((1..=100).contains(&self.failures_before_disabled), PolicyError::FailuresBeforeDisabled),
            (
                (second..=self.longest_delay).contains(&self.first_delay) && self.longest_delay <= day,
                PolicyError::Delays,
            ),
            (self.totp_skew <= 2, PolicyError::TotpSkew),
            (!matches!(self.code, CodeForm::Digits(digits) if !(6..=10).contains(&digits)), PolicyError::CodeDigits),
            ((second..=day).contains(&self.longest_timeout), PolicyError::LongestTimeout),
            ((second..=self.longest_timeout).contains(&self.default_timeout), PolicyError::DefaultTimeout),
            ((second..=day).contains(&self.pending_enrollment), PolicyError::PendingEnrollment),
            ((60 * second..=3_600 * second).contains(&self.confirmation), PolicyError::Confirmation),
            (self.retention >= 60 * second, PolicyError::Retention),
            (self.enrollments >= 1, PolicyError::Enrollments),
            ((1..=10_000).contains(&self.open_challenges), PolicyError::OpenChallenges),
            ((8..=16).contains(&self.recovery_codes), PolicyError::RecoveryCodes),
        ];
        checks
            .into_iter()
            .chain(self.dispatch.checks())
            .chain(self.sends.checks())
            .find(|(holds, _)| !holds)
            .map_or(Ok(()), |(_, error)| Err(error))
    }
}
