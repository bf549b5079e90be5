use super::*;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(100_000 + seconds)
}

/// Takes readings in order, and returns the final latest time.
fn latest(readings: &[u64]) -> Timestamp {
    let latest = LatestTime::default();
    readings.iter().map(|seconds| latest.take(at(*seconds))).last().unwrap_or_default()
}

/// R16: the latest time stays in force for a minute after the clock falls back.
#[test]
fn latest_time_outlasts_a_clock_set_back() {
    assert_eq!(latest(&[0, 3_600, 1]), at(3_600));
    assert_eq!(latest(&[0, 3_600, 1, 60]), at(3_600));
    assert_eq!(latest(&[0, 3_600, 3_599]), at(3_600));
}

/// R16: an hour ahead for a moment is forgotten after a minute.
#[test]
fn jump_ahead_is_forgotten_after_a_minute() {
    assert_eq!(latest(&[0, 3_600, 1, 30, 61]), at(61));
    assert_eq!(latest(&[0, 3_600, 1, 61, 62]), at(62));
    assert_eq!(latest(&[0, 3_600, 1, 61, 40]), at(61), "the next latest time is in force at once");
    let forever = LatestTime::default();
    assert_eq!(forever.take(Timestamp::MAX), Timestamp::MAX);
    assert_eq!([forever.take(at(0)), forever.take(at(60))], [Timestamp::MAX, at(60)]);
}

/// R16: the minute begins again with each step back, and ends when the clock catches up.
#[test]
fn unsteady_clock_is_not_trusted() {
    assert_eq!(latest(&[0, 7_200, 3_600, 3_650, 1, 50]), at(7_200), "set back twice");
    assert_eq!(latest(&[0, 3_600, 1, 3_600, 30, 70]), at(3_600), "two moments ahead");
    assert_eq!(latest(&[0, 100, 75, 99]), at(100), "within the tolerance for other clocks");
}
