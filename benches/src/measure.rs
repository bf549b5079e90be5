//! Interleaved measurement: a round of the one, a round of the other, and so on, so that both see the same machine.

use std::time::{Duration, Instant};

const ROUNDS: usize = 15;

/// The medians of both sides, in operations a second, and what their ratio should be: 0, where it is only for comparison.
pub(crate) struct Report {
    ours: f64,
    floor: f64,
    target: f64,
}

impl Report {
    pub(crate) fn header() -> String {
        format!("{:<38} {:>12} {:>12} {:>8} {:>8}", "", "ours/s", "floor/s", "ratio", "target")
    }

    pub(crate) fn row(&self, name: &str) -> String {
        let ratio = self.ours / self.floor;
        let verdict = if ratio >= self.target { "" } else { "  MISSED" };
        let (ours, floor, target) = (self.ours, self.floor, self.target);
        format!("{name:<38} {ours:>12.0} {floor:>12.0} {:>7.0}% {:>7.0}%{verdict}", ratio * 100.0, target * 100.0)
    }
}

/// Runs both sides in turn; each does a round of so many operations and answers how long that took.
pub(crate) fn interleaved(
    operations: usize,
    target: f64,
    mut ours: impl FnMut() -> Duration,
    mut floor: impl FnMut() -> Duration,
) -> Report {
    // The first round of each warms caches and files, and does not count.
    let _ = (ours(), floor());
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (floor(), ours())).collect();
    let speed = |durations: Vec<Duration>| operations as f64 / median(durations).as_secs_f64();
    let (floor, ours) = rounds.into_iter().unzip();
    Report { ours: speed(ours), floor: speed(floor), target }
}

pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}
