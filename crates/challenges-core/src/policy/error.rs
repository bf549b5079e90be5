/// The error of a limit out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// [`Policy::guesses_per_challenge`](super::Policy::guesses_per_challenge) is out of range.
    #[error("guesses_per_challenge must be 1 to 100")]
    GuessesPerChallenge,
    /// [`Policy::secrets_per_challenge`](super::Policy::secrets_per_challenge) is out of range.
    #[error("secrets_per_challenge must be 1 to 1000")]
    SecretsPerChallenge,
    /// [`Policy::failures_before_delay`](super::Policy::failures_before_delay) is out of range.
    #[error("failures_before_delay must be 1 to 100")]
    FailuresBeforeDelay,
    /// [`Policy::failures_before_disabled`](super::Policy::failures_before_disabled) is out of range.
    #[error("failures_before_disabled must be 1 to 100")]
    FailuresBeforeDisabled,
    /// A delay is out of range: [`Policy::first_delay`](super::Policy::first_delay) or
    /// [`Policy::longest_delay`](super::Policy::longest_delay).
    #[error("first_delay must be at least 1 second, and longest_delay at least first_delay and at most 1 day")]
    Delays,
    /// [`Policy::totp_skew`](super::Policy::totp_skew) is out of range.
    #[error("totp_skew must be 0, 1 or 2 steps")]
    TotpSkew,
    /// [`CodeForm::Digits`](super::CodeForm::Digits) is out of range.
    #[error("CodeForm::Digits must be 6 to 10")]
    CodeDigits,
    /// [`Policy::longest_timeout`](super::Policy::longest_timeout) is out of range.
    #[error("longest_timeout must be 1 second to 1 day")]
    LongestTimeout,
    /// [`Policy::default_timeout`](super::Policy::default_timeout) is out of range.
    #[error("default_timeout must be 1 second to longest_timeout")]
    DefaultTimeout,
    /// [`Policy::pending_enrollment`](super::Policy::pending_enrollment) is out of range.
    #[error("pending_enrollment must be 1 second to 1 day")]
    PendingEnrollment,
    /// [`Policy::confirmation`](super::Policy::confirmation) is out of range.
    #[error("confirmation must be 1 minute to 1 hour")]
    Confirmation,
    /// [`Policy::retention`](super::Policy::retention) is out of range.
    #[error("retention must be at least 1 minute")]
    Retention,
    /// [`Policy::enrollments`](super::Policy::enrollments) is out of range.
    #[error("enrollments must be at least 1")]
    Enrollments,
    /// [`Policy::open_challenges`](super::Policy::open_challenges) is out of range.
    #[error("open_challenges must be 1 to 10000")]
    OpenChallenges,
    /// [`Policy::recovery_codes`](super::Policy::recovery_codes) is out of range.
    #[error("recovery_codes must be 8 to 16")]
    RecoveryCodes,
    /// [`DispatchPolicy::attempt`](super::DispatchPolicy::attempt) is out of range.
    #[error("dispatch.attempt must be 1 second to 10 minutes")]
    DispatchAttempt,
    /// [`DispatchPolicy::lease`](super::DispatchPolicy::lease) is out of range.
    #[error("dispatch.lease must be at least twice dispatch.attempt and at most 1 hour")]
    DispatchLease,
    /// [`DispatchPolicy::attempts`](super::DispatchPolicy::attempts) is out of range.
    #[error("dispatch.attempts must be 1 to 1000")]
    DispatchAttempts,
    /// [`DispatchPolicy::first_retry`](super::DispatchPolicy::first_retry) or
    /// [`DispatchPolicy::longest_retry`](super::DispatchPolicy::longest_retry) is out of range.
    #[error("dispatch.first_retry must be at least 1 millisecond, and dispatch.longest_retry at least first_retry")]
    DispatchRetries,
    /// [`DispatchPolicy::action_age`](super::DispatchPolicy::action_age) is out of range.
    #[error("dispatch.action_age must be 1 second to 30 days")]
    ActionAge,
    /// [`SendPolicy::cool_down`](super::SendPolicy::cool_down) is out of range.
    #[error("sends.cool_down must be at most 1 hour")]
    SendCoolDown,
    /// [`SendPolicy::per_user`](super::SendPolicy::per_user) is out of range.
    #[error("sends.per_user must be 1 to 1000")]
    SendsPerUser,
    /// [`SendPolicy::per_user_in_window`](super::SendPolicy::per_user_in_window) is out of range.
    #[error("sends.per_user_in_window must be 1 to 10000")]
    SendsPerUserInWindow,
    /// [`SendPolicy::messages_per_user`](super::SendPolicy::messages_per_user) is out of range.
    #[error("sends.messages_per_user must be 1 to 10000")]
    MessagesPerUser,
    /// [`SendPolicy::attempts_per_user`](super::SendPolicy::attempts_per_user) is out of range.
    #[error("sends.attempts_per_user must be 1 to 100000")]
    AttemptsPerUser,
    /// [`SendPolicy::per_destination`](super::SendPolicy::per_destination) is out of range.
    #[error("sends.per_destination must be 1 to 10000")]
    SendsPerDestination,
    /// [`SendPolicy::confirmations_per_destination`](super::SendPolicy::confirmations_per_destination) is out of range.
    #[error("sends.confirmations_per_destination must be 1 to 10000")]
    ConfirmationsPerDestination,
    /// [`SendPolicy::in_total`](super::SendPolicy::in_total) is out of range.
    #[error("sends.in_total must be at least 1")]
    SendsInTotal,
    /// [`SendPolicy::confirmations_in_total`](super::SendPolicy::confirmations_in_total) is out of range.
    #[error("sends.confirmations_in_total must be at least 1")]
    ConfirmationsInTotal,
    /// [`SendPolicy::window`](super::SendPolicy::window) is out of range.
    #[error("sends.window must be 1 minute to 30 days")]
    SendWindow,
}
