use super::*;

const WINDOW: Duration = Duration::from_secs(100);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_000 + seconds)
}

#[test]
fn r20_a_window_begins_with_its_first_send_and_ends_for_all_of_them() {
    let sends = Sends::none(at(0)).and(2, at(0)).and(1, at(99));
    assert_eq!((sends.left(3), sends.left(4), sends.until_over(WINDOW, at(99))), (0, 1, Duration::from_secs(1)));
    assert_eq!(sends.current(WINDOW, at(99)), sends);
    assert_eq!(sends.current(WINDOW, at(100)), Sends::none(at(100)));
}

#[test]
fn r19_the_next_send_waits_for_the_last_and_the_first_for_nothing() {
    let cool_down = Duration::from_secs(30);
    assert_eq!(Sends::none(at(0)).until_cooled(cool_down, at(0)), Duration::ZERO);
    let sends = Sends::none(at(0)).and(1, at(10));
    for (now, wait) in [(10, 30), (39, 1), (40, 0), (90, 0)] {
        assert_eq!(sends.until_cooled(cool_down, at(now)), Duration::from_secs(wait), "{now}");
    }
}

#[test]
fn r20_a_window_that_another_clock_began_a_little_ahead_counts() {
    let sends = Sends::none(at(5)).and(3, at(5));
    assert_eq!(sends.current(WINDOW, at(0)), sends);
}

#[test]
fn r16_a_clock_that_went_back_holds_nobody_up_for_longer_than_the_limits_do() {
    let sends = Sends::none(at(1_000)).and(5, at(1_000));
    assert_eq!(sends.current(WINDOW, at(0)), Sends::none(at(0)));
    let early = Sends { count: 1, since: at(0), last: at(90) };
    assert_eq!(early.until_cooled(Duration::from_secs(30), at(1)), Duration::from_secs(30));
}
