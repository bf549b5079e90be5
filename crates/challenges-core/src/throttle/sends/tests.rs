use super::*;

const WINDOW: Duration = Duration::from_secs(100);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_000 + seconds)
}

/// R20: later sends do not extend the window.
#[test]
fn window_starts_at_its_first_send() {
    let sends = Sends::none(at(0)).with(2, at(0)).with(1, at(99));
    assert_eq!((sends.room(3), sends.room(4), sends.remaining(WINDOW, at(99))), (0, 1, Duration::from_secs(1)));
    assert_eq!(sends.current(WINDOW, at(99)), sends);
    assert_eq!(sends.current(WINDOW, at(100)), Sends::none(at(100)));
}

/// R19: the first send waits for nothing.
#[test]
fn cool_down_counts_from_the_last_send() {
    let cool_down = Duration::from_secs(30);
    assert_eq!(Sends::none(at(0)).cool_down_left(cool_down, at(0)), Duration::ZERO);
    let sends = Sends::none(at(0)).with(1, at(10));
    for (now, wait) in [(10, 30), (39, 1), (40, 0), (90, 0)] {
        assert_eq!(sends.cool_down_left(cool_down, at(now)), Duration::from_secs(wait), "{now}");
    }
}

/// R20: clocks of processes may differ by seconds.
#[test]
fn window_begun_slightly_ahead_counts() {
    let sends = Sends::none(at(5)).with(3, at(5));
    assert_eq!(sends.current(WINDOW, at(0)), sends);
}

/// R16, R20 (control): nobody waits longer than the limits say.
#[test]
fn clock_set_back_prolongs_no_wait() {
    let sends = Sends::none(at(1_000)).with(5, at(1_000));
    assert_eq!(sends.current(WINDOW, at(0)), Sends::none(at(0)));
    let early = Sends { count: 2, since: at(0), last: at(90) };
    assert_eq!(early.current(WINDOW, at(1)), early);
    assert_eq!(early.cool_down_left(Duration::from_secs(30), at(1)), Duration::ZERO);
    assert_eq!(
        early.cool_down_left(Duration::from_secs(30), at(60)),
        Duration::from_secs(30),
        "clocks may differ by 30 s"
    );
}
