use super::*;

/// R53: the jitter covers the whole range from zero.
#[test]
fn pause_doubles_up_to_the_longest() {
    let policy = DispatchPolicy::default();
    let longest = |attempts| pause(&policy, attempts, None, u64::MAX);
    for (attempts, seconds) in [(1, 1), (2, 2), (3, 4), (12, 2_048), (13, 3_600), (u32::MAX, 3_600)] {
        let wanted = Duration::from_secs(seconds);
        assert!(longest(attempts) <= wanted && longest(attempts) + Duration::from_millis(1) >= wanted, "{attempts}");
        assert_eq!(pause(&policy, attempts, None, 0), Duration::ZERO);
        let half = pause(&policy, attempts, None, 1 << 63);
        assert_eq!(half, wanted / 2, "{attempts}");
    }
}

#[test]
fn unlimited_pauses_do_not_overflow() {
    let policy =
        DispatchPolicy { first_retry: Duration::MAX, longest_retry: Duration::MAX, ..DispatchPolicy::default() };
    assert!(pause(&policy, u32::MAX, None, u64::MAX) >= Duration::from_secs(86_400));
}

/// R53: the receiver cannot postpone an entry for ever.
#[test]
fn requested_pause_is_capped_by_the_policy() {
    let policy = DispatchPolicy::default();
    let asked = |seconds| pause(&policy, 1, Some(Duration::from_secs(seconds)), 0);
    assert_eq!(asked(90), Duration::from_secs(90));
    assert_eq!(asked(86_400), policy.longest_retry);
}
