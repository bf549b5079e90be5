#![allow(clippy::unwrap_used)]

use super::*;

fn subject() -> Subject {
    Subject::new(Owner::user("alice").unwrap())
}

fn fail(subject: &mut Subject, times: u32, policy: &Policy, now: Timestamp) {
    for _ in 0..times {
        subject.count_failure(Factor::Totp, policy, now);
    }
}

#[test]
fn r7_delays_start_at_the_sixth_failure_and_double_up_to_the_longest() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_000));
    let expected = [(1, 0), (4, 0), (5, 0), (6, 30), (7, 60), (8, 120), (12, 1_920), (13, 3_600), (99, 3_600)];
    for (failures, seconds) in expected {
        let mut subject = subject();
        fail(&mut subject, failures, &policy, now);
        let until = Timestamp::from_seconds(1_000 + seconds);
        assert_eq!(subject.admit(Factor::Totp, &policy, until), Ok(()), "{failures} failures");
        if seconds > 0 {
            let before = Timestamp::from_millis(until.as_millis() - 1);
            assert_eq!(subject.admit(Factor::Totp, &policy, before), Err(Refused::Delayed), "{failures} failures");
        }
    }
}

#[test]
fn r7_the_hundredth_failure_disables_until_a_reset() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_000));
    let mut subject = subject();
    fail(&mut subject, 99, &policy, now);
    assert_eq!(subject.admit(Factor::Totp, &policy, Timestamp::MAX), Ok(()));
    fail(&mut subject, 1, &policy, now);
    assert_eq!(subject.admit(Factor::Totp, &policy, Timestamp::MAX), Err(Refused::FactorDisabled));
    assert!(subject.clear(Factor::Totp));
    assert_eq!(subject.admit(Factor::Totp, &policy, now), Ok(()));
}

#[test]
fn r7_a_success_clears_its_own_factor_alone() {
    let (policy, now) = (Policy::default(), Timestamp::from_seconds(1_000));
    let mut subject = subject();
    fail(&mut subject, 6, &policy, now);
    for other in [Factor::TotpEnrollment, Factor::Code] {
        assert!(!subject.clear(other));
        assert_eq!(subject.admit(other, &policy, now), Ok(()));
    }
    assert_eq!(subject.failures(Factor::Totp), 6);
    assert_eq!(subject.admit(Factor::Totp, &policy, now), Err(Refused::Delayed));
}

#[test]
fn r16_extreme_times_and_counts_saturate() {
    let policy = Policy::default();
    let mut subject = subject();
    fail(&mut subject, 200, &policy, Timestamp::MAX);
    assert_eq!(subject.admit(Factor::Totp, &policy, Timestamp::MAX), Err(Refused::FactorDisabled));
    assert_eq!(policy.delay(u32::MAX), policy.longest_delay);
}

#[test]
fn r8_the_longest_delay_holds_on_another_clock_that_is_behind() {
    let policy = Policy::default();
    let mut subject = subject();
    let ahead = Timestamp::from_seconds(1_000_005);
    fail(&mut subject, 20, &policy, ahead);
    assert_eq!(policy.delay(20), policy.longest_delay);
    assert_eq!(subject.admit(Factor::Totp, &policy, Timestamp::from_seconds(1_000_000)), Err(Refused::Delayed));
    assert_eq!(subject.admit(Factor::Totp, &policy, ahead.after(policy.longest_delay)), Ok(()));
}

#[test]
fn a_clock_that_was_ahead_makes_nobody_wait_longer_than_the_longest_delay() {
    let policy = Policy::default();
    let mut subject = subject();
    fail(&mut subject, 6, &policy, Timestamp::from_seconds(40_000_000));
    let corrected = Timestamp::from_seconds(1_000);
    assert_eq!(subject.admit(Factor::Totp, &policy, corrected), Ok(()));
    assert_eq!(subject.failures(Factor::Totp), 6, "and yet nothing is forgotten");
}
