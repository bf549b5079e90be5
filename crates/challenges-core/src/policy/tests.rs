use super::*;

#[test]
fn the_presets_are_sound() {
    assert_eq!(Policy::default().check(), Ok(()));
    assert_eq!(Policy::nist_800_63b().check(), Ok(()));
}

#[test]
fn r17_unsafe_limits_are_refused_by_name() {
    type Change = fn(&mut Policy);
    let cases: [(Change, PolicyError); 24] = [
        (|policy| policy.totp_skew = 3, PolicyError::TotpSkew),
        (|policy| policy.guesses_per_challenge = 0, PolicyError::GuessesPerChallenge),
        (|policy| policy.guesses_per_challenge = 101, PolicyError::GuessesPerChallenge),
        (|policy| policy.secrets_per_challenge = 1_001, PolicyError::SecretsPerChallenge),
        (|policy| policy.failures_before_delay = 0, PolicyError::FailuresBeforeDelay),
        (|policy| policy.failures_before_disabled = 101, PolicyError::FailuresBeforeDisabled),
        (|policy| policy.first_delay = Duration::ZERO, PolicyError::Delays),
        (|policy| policy.code = CodeForm::Digits(5), PolicyError::CodeDigits),
        (|policy| policy.code = CodeForm::Digits(11), PolicyError::CodeDigits),
        (|policy| policy.longest_timeout = Duration::from_secs(86_401), PolicyError::LongestTimeout),
        (|policy| policy.default_timeout = Duration::ZERO, PolicyError::DefaultTimeout),
        (|policy| policy.pending_enrollment = Duration::ZERO, PolicyError::PendingEnrollment),
        (|policy| policy.confirmation = Duration::ZERO, PolicyError::Confirmation),
        (|policy| policy.enrollments = 0, PolicyError::Enrollments),
        (|policy| policy.dispatch.attempt = Duration::ZERO, PolicyError::DispatchAttempt),
        (|policy| policy.dispatch.lease = policy.dispatch.attempt, PolicyError::DispatchLease),
        (|policy| policy.dispatch.attempts = 0, PolicyError::DispatchAttempts),
        (|policy| policy.dispatch.longest_retry = Duration::ZERO, PolicyError::DispatchRetries),
        (|policy| policy.dispatch.action_age = Duration::ZERO, PolicyError::ActionAge),
        (|policy| policy.sends.cool_down = Duration::from_secs(3_601), PolicyError::SendCoolDown),
        (|policy| policy.sends.per_user = 0, PolicyError::SendsPerUser),
        (|policy| policy.sends.per_destination = 0, PolicyError::SendsPerDestination),
        (|policy| policy.sends.in_total = 0, PolicyError::SendsInTotal),
        (|policy| policy.sends.window = Duration::ZERO, PolicyError::SendWindow),
    ];
    for (change, error) in cases {
        let mut policy = Policy::default();
        change(&mut policy);
        assert_eq!(policy.check(), Err(error));
    }
}
