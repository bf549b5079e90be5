//! The limits, with defaults that hold without a host having to think of them.

mod dispatch;
mod sends;

pub use dispatch::DispatchPolicy;
pub use sends::SendPolicy;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::address::{Origin, ResponseUri};
use crate::error::Invalid;

/// The limits of a service. Every default is safe; [`Builder::build`](crate::Builder::build) refuses what is outside of a
/// range that stands here. [`Policy::nist_800_63b`] and [`Policy::asvs_l2`] start from stricter ones.
///
/// Each limit names the requirement that it serves, a number of `.github/REQUIREMENTS.md` in the repository, as the tests do
/// that cover it (R7 is `r7_...`), and its source.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use challenges_core::Policy;
///
/// let mut policy = Policy::nist_800_63b();
/// policy.default_timeout = Duration::from_secs(120);
/// policy.endpoints = 4;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// Wrong guessable answers (totp, short codes) that a challenge takes before it takes no more: 1 to 100. Default 5.
    /// Serves R5 and R7.
    pub guesses_per_challenge: u32,
    /// Wrong 128-bit secrets and assertions that a challenge takes before it takes no more: 1 to 1,000. Default 100.
    /// Serves R5.
    pub secrets_per_challenge: u32,
    /// Failures in a row, per user and guessable factor, from which on answers have to wait: 1 to 100. Default 6. Serves
    /// R4 and R7 (NIST SP 800-63B-4 section 3.2.2).
    pub failures_before_delay: u32,
    /// The first delay; it doubles with each failure. Default 30 seconds. Serves R8 (ASVS 5.0.0 6.1.1).
    pub first_delay: Duration,
    /// The longest delay: at least the first, at most 1 day. Default one hour. Serves R8: nobody is locked out for ever by
    /// what somebody else types.
    pub longest_delay: Duration,
    /// Failures in a row at which a factor of a user is disabled until an administrator resets it: at most 100
    /// (NIST SP 800-63B-4 section 3.2.2). Default 100. Serves R7.
    pub failures_before_disabled: u32,
    /// Time steps of 30 seconds before and after the present one of which a TOTP code is accepted: 0 to 2
    /// (RFC 6238 section 5.2). Default 1. Serves R17.
    pub totp_skew: u8,
    /// The form of what a `code` challenge hands out. Default [`CodeForm::Secret`]. Serves R4 and R30 (ASVS 5.0.0 6.5.2).
    pub code: CodeForm,
    /// How long a challenge lives where it does not say. Default 600 seconds. Serves R15.
    pub default_timeout: Duration,
    /// The longest that a challenge may live: 1 second to 1 day. Default 1 day. Serves R15 (NIST SP 800-63B-4
    /// section 3.1.3.2, ASVS 5.0.0 6.5.5); the presets have ten minutes.
    pub longest_timeout: Duration,
    /// How long an enrollment waits to be completed, and a phone number to be confirmed: at most 1 day. Default 1 hour.
    /// Serves R40 (ASVS 5.0.0 6.5.6).
    pub pending_enrollment: Duration,
    /// How long the code that confirms a phone number is good: 1 minute to 1 hour. Default 10 minutes.
    /// Serves R15 (ASVS 5.0.0 6.5.5).
    pub confirmation: Duration,
    /// How long a record can still be read after it has ended or expired: at least a minute, which is more than the clocks
    /// of processes may differ by. Default 1 day. Serves R16: what is over stays known as such.
    pub retention: Duration,
    /// Actors of a one-time-use action; with 0 there are none of these. Default 16. Serves R58 (ASVS 5.0.0 15.3.5).
    pub actors: usize,
    /// HTTP actions of an outcome. Default 16. Serves R58.
    pub actions: usize,
    /// Endpoints that a challenge may name; with 0 none can, and nobody is asked for a passkey. Default 16. Serves R58.
    pub challenge_endpoints: usize,
    /// Enrollments of a kind per user: at least 1. Default 8. Serves R58.
    pub enrollments: usize,
    /// Phone numbers, and push subscriptions, per user; with 0 nobody can add one. Default 16 of each. Serves R34.
    pub endpoints: usize,
    /// Bytes of `answer_data`, as the JSON text that was given. Default 16 KiB. Serves R58.
    pub answer_data: usize,
    /// What becomes of an assertion whose signature counter did not grow (WebAuthn section 7.2 step 22). Default
    /// [`SignCountPolicy::Refuse`]. Serves R50.
    pub sign_count: SignCountPolicy,
    /// Whether everything that is sent as a message asks for the number that is shown where the challenge was started, so
    /// that nobody approves what somebody else began (NIST SP 800-63B-4 section 3.1.3). Default no; a challenge may ask
    /// for it by itself ([`ChallengeSpec::number_match`](crate::ChallengeSpec::number_match)). Serves R21.
    pub number_match: bool,
    /// Where links to answer pages may lead. Default nowhere. Serves R35.
    pub response_origins: ResponseOrigins,
    /// How messages and actions are sent: leases, attempts and pauses. Serves R52 and R53.
    pub dispatch: DispatchPolicy,
    /// How many messages are sent: to a user, to an address, and in total. Serves R19 and R20 (ASVS 5.0.0 6.6.4).
    pub sends: SendPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            guesses_per_challenge: 5,
            secrets_per_challenge: 100,
            failures_before_delay: 6,
            first_delay: Duration::from_secs(30),
            longest_delay: Duration::from_secs(3_600),
            failures_before_disabled: 100,
            totp_skew: 1,
            code: CodeForm::Secret,
            default_timeout: Duration::from_secs(600),
            longest_timeout: Duration::from_secs(86_400),
            pending_enrollment: Duration::from_secs(3_600),
            confirmation: Duration::from_secs(600),
            retention: Duration::from_secs(86_400),
            actors: 16,
            actions: 16,
            challenge_endpoints: 16,
            enrollments: 8,
            endpoints: 16,
            answer_data: 16 * 1024,
            sign_count: SignCountPolicy::Refuse,
            number_match: false,
            response_origins: ResponseOrigins::default(),
            dispatch: DispatchPolicy::default(),
            sends: SendPolicy::default(),
        }
    }
}

impl Policy {
    /// The defaults with what NIST SP 800-63B-4 asks beyond them: no challenge outlives ten minutes (section 3.1.3.2), and
    /// messages are answered with the number that is shown where the challenge was started (section 3.1.3).
    #[must_use]
    pub fn nist_800_63b() -> Self {
        Self { longest_timeout: Duration::from_secs(600), number_match: true, ..Self::default() }
    }

    /// The defaults with what level 2 of OWASP ASVS 5.0.0 asks beyond them in 6.5.5: no challenge outlives ten minutes, and a
    /// TOTP code is good within its own 30 seconds only. If the clocks of your users are off, set [`Policy::totp_skew`] back
    /// to 1, and depart from that.
    #[must_use]
    pub fn asvs_l2() -> Self {
        Self { longest_timeout: Duration::from_secs(600), totp_skew: 0, ..Self::default() }
    }

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
        ];
        checks
            .into_iter()
            .chain(self.dispatch.checks())
            .chain(self.sends.checks())
            .find(|(holds, _)| !holds)
            .map_or(Ok(()), |(_, error)| Err(error))
    }

    pub(crate) fn code_is_guessable(&self) -> bool {
        matches!(self.code, CodeForm::Digits(_))
    }

    /// How long answers have to wait after so many failures in a row.
    pub(crate) fn delay(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.failures_before_delay) else { return Duration::ZERO };
        self.first_delay.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest_delay)
    }
}

/// What a `code` challenge hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeForm {
    /// 22 base62 characters: 131 bits, which cannot be guessed.
    Secret,
    /// That many digits, 6 to 10, to be typed by a person. They count as guessable.
    Digits(u8),
}

/// What becomes of an assertion whose signature counter did not grow. Either way it is observed as
/// [`Observation::AssertionFault`](crate::Observation::AssertionFault), and a counter that stays zero is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignCountPolicy {
    /// It is refused: the credential may have been copied.
    Refuse,
    /// It is accepted, and the counter starts again from there.
    Report,
}

/// The origins at which a `response_uri` may be: an exact list.
#[derive(Clone, Debug, Default)]
pub struct ResponseOrigins {
    exact: BTreeSet<Origin>,
    any_https: bool,
}

impl ResponseOrigins {
    /// These origins and no other.
    #[must_use]
    pub fn exactly(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { exact: origins.into_iter().collect(), any_https: false }
    }

    /// Allows every https origin as well. Who can create challenges can then send the secrets of their links anywhere.
    #[must_use]
    pub fn and_any_https(mut self) -> Self {
        self.any_https = true;
        self
    }

    pub(crate) fn allow(&self, uri: &ResponseUri) -> Result<(), Invalid> {
        let allowed = self.exact.contains(uri.origin()) || (self.any_https && uri.is_https());
        if allowed { Ok(()) } else { Err(Invalid::ResponseOrigin) }
    }
}

/// A limit that would not protect anybody, or that nobody could meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// See [`Policy::guesses_per_challenge`].
    #[error("guesses_per_challenge must be 1 to 100")]
    GuessesPerChallenge,
    /// See [`Policy::secrets_per_challenge`].
    #[error("secrets_per_challenge must be 1 to 1000")]
    SecretsPerChallenge,
    /// See [`Policy::failures_before_delay`].
    #[error("failures_before_delay must be 1 to 100")]
    FailuresBeforeDelay,
    /// See [`Policy::failures_before_disabled`].
    #[error("failures_before_disabled must be 1 to 100")]
    FailuresBeforeDisabled,
    /// See [`Policy::first_delay`] and [`Policy::longest_delay`].
    #[error("first_delay must be at least a second, and longest_delay at least first_delay and at most a day")]
    Delays,
    /// See [`Policy::totp_skew`].
    #[error("totp_skew must be 0, 1 or 2 steps")]
    TotpSkew,
    /// See [`CodeForm::Digits`].
    #[error("a short code must have 6 to 10 digits")]
    CodeDigits,
    /// See [`Policy::longest_timeout`].
    #[error("longest_timeout must be 1 second to 1 day")]
    LongestTimeout,
    /// See [`Policy::default_timeout`].
    #[error("default_timeout must be 1 second to longest_timeout")]
    DefaultTimeout,
    /// See [`Policy::pending_enrollment`].
    #[error("pending_enrollment must be 1 second to 1 day")]
    PendingEnrollment,
    /// See [`Policy::confirmation`].
    #[error("confirmation must be 1 minute to 1 hour")]
    Confirmation,
    /// See [`Policy::retention`].
    #[error("retention must be at least 1 minute")]
    Retention,
    /// See [`Policy::enrollments`].
    #[error("enrollments must be at least 1")]
    Enrollments,
    /// See [`DispatchPolicy::attempt`].
    #[error("dispatch.attempt must be 1 second to 10 minutes")]
    DispatchAttempt,
    /// See [`DispatchPolicy::lease`].
    #[error("dispatch.lease must be at least twice dispatch.attempt and at most an hour")]
    DispatchLease,
    /// See [`DispatchPolicy::attempts`].
    #[error("dispatch.attempts must be 1 to 1000")]
    DispatchAttempts,
    /// See [`DispatchPolicy::first_retry`] and [`DispatchPolicy::longest_retry`].
    #[error("dispatch.first_retry must be at least a millisecond, and dispatch.longest_retry at least first_retry")]
    DispatchRetries,
    /// See [`DispatchPolicy::action_age`].
    #[error("dispatch.action_age must be 1 second to 30 days")]
    ActionAge,
    /// See [`SendPolicy::cool_down`].
    #[error("sends.cool_down must be at most an hour")]
    SendCoolDown,
    /// See [`SendPolicy::per_user`].
    #[error("sends.per_user must be 1 to 1000")]
    SendsPerUser,
    /// See [`SendPolicy::per_user_in_window`].
    #[error("sends.per_user_in_window must be 1 to 10000")]
    SendsPerUserInWindow,
    /// See [`SendPolicy::per_destination`].
    #[error("sends.per_destination must be 1 to 10000")]
    SendsPerDestination,
    /// See [`SendPolicy::in_total`].
    #[error("sends.in_total must be at least 1")]
    SendsInTotal,
    /// See [`SendPolicy::window`].
    #[error("sends.window must be 1 minute to 30 days")]
    SendWindow,
}

#[cfg(test)]
mod tests;
