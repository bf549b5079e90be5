use super::*;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_000 + seconds)
}

fn now(seconds: u64) -> Now {
    Now { clock: at(seconds), latest: at(seconds) }
}

/// R65: a place is taken until the expiry, and given back once.
#[test]
fn places_end_at_expiry_or_before() {
    let mut open = OpenChallenges::default();
    assert!(open.take(at(10), 2, now(0)) && open.take(at(20), 2, now(0)));
    assert!(!open.take(at(20), 2, now(9)));
    assert!(open.take(at(30), 2, now(10)), "the first expires at this time");
    assert!(open.give_back(at(30)) && !open.give_back(at(30)));
    assert!(open.take(at(30), 2, now(10)) && !open.take(at(30), 2, now(10)));
    assert_eq!(open.end(), Some(at(30)));
}

/// R65: two places may share an expiry.
#[test]
fn one_place_of_several_is_changed() {
    let mut open = OpenChallenges::default();
    assert!(open.take(at(10), 2, now(0)) && open.take(at(10), 2, now(0)));
    open.change(at(10), at(5));
    assert!(!open.take(at(10), 2, now(4)) && open.take(at(10), 2, now(5)));
    assert!(!open.take(at(10), 2, now(9)));
}

/// R16: a clock that was ahead takes no place for longer than a challenge can live.
#[test]
fn places_far_ahead_are_dropped() {
    let mut open = OpenChallenges::default();
    let day = 86_400;
    assert!(open.take(at(day + 30), 2, now(0)) && open.take(at(day + 31), 2, now(0)));
    assert!(open.take(at(10), 2, now(0)), "no timeout is longer than a day");
    assert!(!open.take(at(10), 2, now(0)), "control: clocks may differ by 30 seconds");
}
