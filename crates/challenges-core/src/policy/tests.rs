use std::time::Duration;

use super::*;
use crate::error::Invalid;

#[test]
fn presets_are_valid() {
    assert_eq!(Policy::default().check(), Ok(()));
    assert_eq!(Policy::nist_800_63b().check(), Ok(()));
    assert_eq!(Policy::asvs_l2().check(), Ok(()));
}

/// Returns the limits of `policy` that are laxer than the defaults. Every field is named, so a new field cannot be
/// forgotten.
fn laxer_than_the_defaults(policy: &Policy) -> Vec<&'static str> {
    let Policy {
        guesses_per_challenge,
        secrets_per_challenge,
        failures_before_delay,
        first_delay,
        longest_delay,
        failures_before_disabled,
        totp_skew,
        code_digits,
        message_code_digits,
        default_timeout,
        longest_timeout,
        pending_enrollment,
        confirmation,
        retention,
        sweep_interval,
        open_challenges,
        actors,
        actions,
        challenge_endpoints,
        enrollments,
        endpoints,
        recovery_codes,
        trusted_purposes,
        trusted_device_age,
        trusted_device_idle,
        grant_age,
        replace_by_other_factor,
        remove_last_factor,
        notify_host,
        answer_data,
        refuse_stale_sign_count,
        number_match,
        response_origins,
        any_https_response_origin,
        dispatch: DispatchPolicy { attempt, lease, attempts, first_retry, longest_retry, action_age, actions_per_user },
        sends:
            SendPolicy {
                cool_down,
                per_user,
                per_user_in_window,
                messages_per_user,
                attempts_per_user,
                confirmations_per_user,
                per_destination,
                confirmations_per_destination,
                in_total,
                confirmations_in_total,
                notices_per_user,
                notice_copies_per_user,
                window,
            },
    } = policy;
    let default = Policy::default();
    [
        ("guesses_per_challenge", *guesses_per_challenge <= default.guesses_per_challenge),
        ("secrets_per_challenge", *secrets_per_challenge <= default.secrets_per_challenge),
        ("failures_before_delay", *failures_before_delay <= default.failures_before_delay),
        ("first_delay", *first_delay >= default.first_delay),
        ("longest_delay", *longest_delay >= default.longest_delay),
        ("failures_before_disabled", *failures_before_disabled <= default.failures_before_disabled),
        ("totp_skew", *totp_skew <= default.totp_skew),
        ("code_digits", code_digits.is_none()),
        ("message_code_digits", message_code_digits.is_none()),
        ("default_timeout", *default_timeout <= default.default_timeout),
        ("longest_timeout", *longest_timeout <= default.longest_timeout),
        ("pending_enrollment", *pending_enrollment <= default.pending_enrollment),
        ("confirmation", *confirmation <= default.confirmation),
        ("retention", *retention == default.retention),
        ("sweep_interval", *sweep_interval == default.sweep_interval),
        ("open_challenges", *open_challenges <= default.open_challenges),
        ("actors", *actors <= default.actors),
        ("actions", *actions <= default.actions),
        ("challenge_endpoints", *challenge_endpoints <= default.challenge_endpoints),
        ("enrollments", *enrollments <= default.enrollments),
        ("endpoints", *endpoints <= default.endpoints),
        ("recovery_codes", *recovery_codes == default.recovery_codes),
        ("trusted_purposes", trusted_purposes.is_empty()),
        ("trusted_device_age", *trusted_device_age <= default.trusted_device_age),
        ("trusted_device_idle", *trusted_device_idle <= default.trusted_device_idle),
        ("grant_age", *grant_age <= default.grant_age),
        ("replace_by_other_factor", *replace_by_other_factor >= default.replace_by_other_factor),
        ("remove_last_factor", *remove_last_factor <= default.remove_last_factor),
        ("notify_host", *notify_host >= default.notify_host),
        ("answer_data", *answer_data <= default.answer_data),
        ("refuse_stale_sign_count", *refuse_stale_sign_count),
        ("number_match", *number_match >= default.number_match),
        ("response_origins", response_origins.is_empty() && !any_https_response_origin),
        ("dispatch.attempt", *attempt <= default.dispatch.attempt),
        ("dispatch.lease", *lease == default.dispatch.lease),
        ("dispatch.attempts", *attempts <= default.dispatch.attempts),
        ("dispatch.first_retry", *first_retry >= default.dispatch.first_retry),
        ("dispatch.longest_retry", *longest_retry >= default.dispatch.longest_retry),
        ("dispatch.action_age", *action_age <= default.dispatch.action_age),
        ("dispatch.actions_per_user", *actions_per_user <= default.dispatch.actions_per_user),
        ("sends.cool_down", *cool_down >= default.sends.cool_down),
        ("sends.per_user", *per_user <= default.sends.per_user),
        ("sends.per_user_in_window", *per_user_in_window <= default.sends.per_user_in_window),
        ("sends.per_destination", *per_destination <= default.sends.per_destination),
        ("sends.messages_per_user", *messages_per_user <= default.sends.messages_per_user),
        ("sends.notices_per_user", *notices_per_user >= default.sends.notices_per_user),
        ("sends.notice_copies_per_user", *notice_copies_per_user == default.sends.notice_copies_per_user),
        ("sends.attempts_per_user", *attempts_per_user <= default.sends.attempts_per_user),
        ("sends.confirmations_per_user", *confirmations_per_user <= default.sends.confirmations_per_user),
        (
            "sends.confirmations_per_destination",
            *confirmations_per_destination <= default.sends.confirmations_per_destination,
        ),
        ("sends.in_total", *in_total <= default.sends.in_total),
        ("sends.confirmations_in_total", *confirmations_in_total <= default.sends.confirmations_in_total),
        ("sends.window", *window >= default.sends.window),
    ]
    .into_iter()
    .filter_map(|(name, holds)| (!holds).then_some(name))
    .collect()
}

#[test]
fn presets_only_tighten_the_defaults() {
    assert_eq!(laxer_than_the_defaults(&Policy::nist_800_63b()), [""; 0]);
    assert_eq!(laxer_than_the_defaults(&Policy::asvs_l2()), [""; 0]);
    let lax = Policy { totp_skew: 2, code_digits: Some(6), ..Policy::asvs_l2() };
    assert_eq!(laxer_than_the_defaults(&lax), ["totp_skew", "code_digits"], "the control");
}

#[test]
fn r15_presets_cap_lifetimes_at_ten_minutes() {
    for preset in [Policy::nist_800_63b(), Policy::asvs_l2()] {
        assert_eq!(preset.longest_timeout, Duration::from_secs(600));
        assert!(preset.confirmation <= Duration::from_secs(600));
    }
    assert_eq!(Policy::asvs_l2().totp_skew, 0);
}

/// Returns the field that the check refuses.
fn refused(policy: &Policy) -> Option<&'static str> {
    match policy.check() {
        Ok(()) => None,
        Err(Invalid::Policy { field, .. }) => Some(field),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn r17_unsafe_limits_are_refused_by_name() {
    type Change = fn(&mut Policy);
    let cases: [(Change, &str); _] = [
        (|policy| policy.totp_skew = 3, "totp_skew"),
        (|policy| policy.guesses_per_challenge = 0, "guesses_per_challenge"),
        (|policy| policy.guesses_per_challenge = 101, "guesses_per_challenge"),
        (|policy| policy.secrets_per_challenge = 1_001, "secrets_per_challenge"),
        (|policy| policy.failures_before_delay = 0, "failures_before_delay"),
        (|policy| policy.failures_before_disabled = 101, "failures_before_disabled"),
        (|policy| policy.first_delay = Duration::ZERO, "first_delay"),
        (|policy| policy.longest_delay = policy.first_delay - Duration::from_millis(1), "first_delay"),
        (|policy| policy.longest_delay = Duration::from_millis(86_400_001), "first_delay"),
        (|policy| policy.code_digits = Some(5), "code_digits"),
        (|policy| policy.code_digits = Some(11), "code_digits"),
        (|policy| policy.message_code_digits = Some(5), "message_code_digits"),
        (|policy| policy.message_code_digits = Some(9), "message_code_digits"),
        (|policy| policy.longest_timeout = Duration::from_secs(86_401), "longest_timeout"),
        (|policy| policy.default_timeout = Duration::ZERO, "default_timeout"),
        (|policy| policy.pending_enrollment = Duration::ZERO, "pending_enrollment"),
        (|policy| policy.confirmation = Duration::ZERO, "confirmation"),
        (|policy| policy.enrollments = 0, "enrollments"),
        (|policy| policy.trusted_device_age = Duration::from_millis(59_999), "trusted_device_age"),
        (|policy| policy.trusted_device_idle = Duration::from_millis(59_999), "trusted_device_idle"),
        (|policy| policy.open_challenges = 0, "open_challenges"),
        (|policy| policy.open_challenges = 10_001, "open_challenges"),
        (|policy| policy.dispatch.attempt = Duration::ZERO, "dispatch.attempt"),
        (|policy| policy.dispatch.attempt = Duration::MAX, "dispatch.attempt"),
        (|policy| policy.retention = Duration::from_millis(59_999), "retention"),
        (|policy| policy.sweep_interval = Duration::from_millis(999), "sweep_interval"),
        (|policy| policy.sweep_interval = Duration::from_millis(86_400_001), "sweep_interval"),
        (|policy| policy.dispatch.lease = policy.dispatch.attempt, "dispatch.lease"),
        (|policy| policy.dispatch.attempt = policy.dispatch.lease * 2 / 3, "dispatch.lease"),
        (|policy| policy.dispatch.attempts = 0, "dispatch.attempts"),
        (|policy| policy.dispatch.longest_retry = Duration::ZERO, "dispatch.first_retry"),
        (|policy| policy.dispatch.action_age = Duration::ZERO, "dispatch.action_age"),
        (|policy| policy.dispatch.actions_per_user = 30_001, "dispatch.actions_per_user"),
        (|policy| policy.sends.cool_down = Duration::from_secs(3_601), "sends.cool_down"),
        (|policy| policy.sends.per_user = 0, "sends.per_user"),
        (|policy| policy.sends.per_user_in_window = 0, "sends.per_user_in_window"),
        (|policy| policy.sends.per_destination = 0, "sends.per_destination"),
        (|policy| policy.sends.in_total = 0, "sends.in_total"),
        (|policy| policy.sends.notices_per_user = 1_001, "sends.notices_per_user"),
        (|policy| policy.sends.notice_copies_per_user = 10_001, "sends.notice_copies_per_user"),
        (|policy| policy.sends.messages_per_user = 10_001, "sends.messages_per_user"),
        (|policy| policy.sends.attempts_per_user = 100_001, "sends.attempts_per_user"),
        (|policy| policy.sends.confirmations_per_user = 0, "sends.confirmations_per_user"),
        (|policy| policy.sends.confirmations_per_destination = 0, "sends.confirmations_per_destination"),
        (|policy| policy.sends.confirmations_in_total = 0, "sends.confirmations_in_total"),
        (|policy| policy.sends.window = Duration::ZERO, "sends.window"),
    ];
    for (change, error) in cases {
        let mut policy = Policy::default();
        change(&mut policy);
        assert_eq!(refused(&policy), Some(error));
    }
}

/// The documented bounds of the fields, in seconds.
#[test]
fn r17_documented_bounds_are_exact() {
    type Set = fn(&mut Policy, Duration);
    const DAY: u64 = 86_400;
    let cases: [(Set, u64, u64, &str); 10] = [
        (|policy, time| policy.longest_timeout = time, 600, DAY, "longest_timeout"),
        (|policy, time| policy.default_timeout = time, 1, DAY, "default_timeout"),
        (|policy, time| policy.pending_enrollment = time, 1, DAY, "pending_enrollment"),
        (|policy, time| policy.confirmation = time, 60, 3_600, "confirmation"),
        (|policy, time| policy.trusted_device_age = time, 60, 30 * DAY, "trusted_device_age"),
        (|policy, time| policy.trusted_device_idle = time, 60, 30 * DAY, "trusted_device_idle"),
        (|policy, time| policy.dispatch.lease = time, 20, 3_600, "dispatch.lease"),
        (|policy, time| policy.dispatch.action_age = time, 1, 30 * DAY, "dispatch.action_age"),
        (|policy, time| policy.sends.cool_down = time, 0, 3_600, "sends.cool_down"),
        (|policy, time| policy.sends.window = time, 60, 30 * DAY, "sends.window"),
    ];
    let check = |set: Set, seconds| {
        let mut policy = Policy::default();
        set(&mut policy, Duration::from_secs(seconds));
        refused(&policy)
    };
    for (set, least, most, error) in cases {
        assert_eq!((check(set, least), check(set, most)), (None, None), "{error:?}");
        assert_eq!(check(set, most + 1), Some(error));
    }
    let attempt = |seconds| {
        let mut policy = Policy::default();
        policy.dispatch.attempt = Duration::from_secs(seconds);
        policy.dispatch.lease = Duration::from_secs(3_600);
        refused(&policy)
    };
    let codes = |number| refused(&Policy { recovery_codes: number, ..Policy::default() });
    assert_eq!([7, 8, 16, 17].map(codes), [Some("recovery_codes"), None, None, Some("recovery_codes")]);
    let grant = |seconds| refused(&Policy { grant_age: Duration::from_secs(seconds), ..Policy::default() });
    assert_eq!([0, 1, 86_400, 86_401].map(grant), [Some("grant_age"), None, None, Some("grant_age")]);
    assert_eq!([1, 600, 601].map(attempt), [None, None, Some("dispatch.attempt")]);
}
