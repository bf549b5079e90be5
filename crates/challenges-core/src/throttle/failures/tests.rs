use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::error::Refused;

fn fail(failures: &mut FailureCounts, times: u32, policy: &Policy, now: Timestamp) {
    for _ in 0..times {
        failures.count(Factor::Totp, policy, now);
    }
}

/// R7, R8: the sixth failure delays by 30 seconds; each further failure doubles the delay, up to one hour.
#[test]
fn delays_double_from_the_sixth_failure() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_000));
    let expected = [(1, 0), (4, 0), (5, 0), (6, 30), (7, 60), (8, 120), (12, 1_920), (13, 3_600), (99, 3_600)];
    for (count, seconds) in expected {
        let mut failures = FailureCounts::default();
        fail(&mut failures, count, &policy, now);
        let until = Timestamp::from_seconds(1_000 + seconds);
        assert_eq!(failures.admit(Factor::Totp, &policy, until), Ok(()), "{count} failures");
        if seconds > 0 {
            let before = Timestamp::from_millis(until.as_millis() - 1);
            assert_eq!(failures.admit(Factor::Totp, &policy, before), Err(Refused::Delayed), "{count} failures");
        }
    }
}

/// R7: only a reset enables the factor again.
#[test]
fn hundredth_failure_disables_the_factor() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_000));
    let mut failures = FailureCounts::default();
    fail(&mut failures, 99, &policy, now);
    assert_eq!(failures.admit(Factor::Totp, &policy, Timestamp::MAX), Ok(()));
    fail(&mut failures, 1, &policy, now);
    assert_eq!(failures.admit(Factor::Totp, &policy, Timestamp::MAX), Err(Refused::FactorDisabled));
    assert!(failures.clear(Factor::Totp));
    assert_eq!(failures.admit(Factor::Totp, &policy, now), Ok(()));
}

/// R7: a success in one factor does not help to guess another.
#[test]
fn success_clears_only_its_own_factor() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_000));
    let mut failures = FailureCounts::default();
    fail(&mut failures, 6, &policy, now);
    for other in [Factor::TotpEnrollment, Factor::Code] {
        assert!(!failures.clear(other));
        assert_eq!(failures.admit(other, &policy, now), Ok(()));
    }
    assert_eq!(failures.in_a_row(Factor::Totp), 6);
    assert_eq!(failures.admit(Factor::Totp, &policy, now), Err(Refused::Delayed));
}

/// R16: arithmetic never overflows.
#[test]
fn extreme_times_and_counts_saturate() {
    let policy = Policy::default();
    let mut failures = FailureCounts::default();
    fail(&mut failures, 200, &policy, Timestamp::MAX);
    assert_eq!(failures.admit(Factor::Totp, &policy, Timestamp::MAX), Err(Refused::FactorDisabled));
    assert_eq!(policy.delay(u32::MAX), policy.longest_delay);
}

/// R8: clocks of processes may differ by seconds.
#[test]
fn longest_delay_holds_on_a_slower_clock() {
    let policy = Policy::default();
    let mut failures = FailureCounts::default();
    let ahead = Timestamp::from_seconds(1_000_005);
    fail(&mut failures, 20, &policy, ahead);
    assert_eq!(policy.delay(20), policy.longest_delay);
    assert_eq!(failures.admit(Factor::Totp, &policy, Timestamp::from_seconds(1_000_000)), Err(Refused::Delayed));
    assert_eq!(failures.admit(Factor::Totp, &policy, ahead.after(policy.longest_delay)), Ok(()));
}

/// R8: a clock that ran far ahead makes nobody wait longer than the longest delay.
#[test]
fn delay_from_a_wrong_clock_is_ignored() {
    let policy = Policy::default();
    let mut failures = FailureCounts::default();
    fail(&mut failures, 6, &policy, Timestamp::from_seconds(40_000_000));
    let corrected = Timestamp::from_seconds(1_000);
    assert_eq!(failures.admit(Factor::Totp, &policy, corrected), Ok(()));
    assert_eq!(failures.in_a_row(Factor::Totp), 6, "the failures still count");
}

/// R16: a short delay set by a clock an hour ahead does not last until the clock gets there.
#[test]
fn short_delay_from_a_wrong_clock_is_ignored() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_700_000_000));
    let ahead = now.after(Duration::from_secs(3_600));
    let mut failures = FailureCounts::default();
    fail(&mut failures, policy.failures_before_delay, &policy, ahead);
    assert_eq!(failures.admit(Factor::Totp, &policy, ahead), Err(Refused::Delayed), "control");
    assert_eq!(failures.admit(Factor::Totp, &policy, now), Ok(()));
}

/// R8: a right code never clears the codes of abandoned challenges, so the delays start again after a pause instead.
#[test]
fn delays_of_codes_start_again_after_a_pause() {
    let (policy, start) = (Policy::default(), Timestamp::from_seconds(1_700_000_000));
    let pause = policy.longest_delay * 100;
    let millisecond = Duration::from_millis(1);
    for (factor, quiet, short) in [
        (Factor::Code, pause, false),
        (Factor::Code, pause + millisecond, true),
        (Factor::Totp, pause + millisecond, false),
    ] {
        let mut failures = FailureCounts::default();
        for _ in 0..12 {
            failures.count(factor, &policy, start);
        }
        let now = start.after(policy.delay(12)).after(quiet);
        let lock = failures.count(factor, &policy, now);
        let long = Lock::DelayedUntil(now.after(policy.longest_delay));
        assert_eq!(lock, (!short).then_some(long), "{factor:?} after {quiet:?}");
        assert_eq!(failures.in_a_row(factor), 13, "the failures still count");
    }
}

/// A step of somebody who guesses codes.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Guesses this often, each time as soon as the delay has passed.
    Guess(u32),
    /// Pauses for this part of the pause that starts the delays again, in percent.
    Pause(u32),
}

proptest! {
    /// R7, R8: no choice of pauses gives more guesses in all, or sooner than the longest delay after each.
    #[test]
    fn pauses_give_no_guesses(steps in prop::collection::vec(
        prop_oneof![(1..30_u32).prop_map(Step::Guess), (1..130_u32).prop_map(Step::Pause)], 1..60,
    )) {
        let (policy, start) = (Policy::default(), Timestamp::from_seconds(1_700_000_000));
        let (mut failures, mut now, mut guesses) = (FailureCounts::default(), start, 0);
        for step in steps {
            match step {
                Step::Pause(percent) => now = now.after(policy.longest_delay * percent),
                Step::Guess(count) => {
                    for _ in 0..count {
                        for (_, until) in failures.locks(&policy, now) {
                            now = now.max(until);
                        }
                        if failures.admit(Factor::Code, &policy, now).is_err() {
                            break;
                        }
                        failures.count(Factor::Code, &policy, now);
                        guesses += 1;
                        let hours = (now.as_millis() - start.as_millis()) / 3_600_000;
                        // Thirteen guesses take the delay to an hour.
                        prop_assert!(guesses <= 13 + hours, "{guesses} guesses in {hours} hours");
                    }
                }
            }
        }
        prop_assert!(guesses <= 100);
        prop_assert_eq!(u64::from(failures.in_a_row(Factor::Code)), guesses);
    }
}
