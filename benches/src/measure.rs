//! Measurement in turns: all sides run alternately, so that machine noise affects all sides alike.

use std::time::{Duration, Instant};

/// The maximum number of turns.
const TURNS: usize = 15;

/// The minimum number of turns, for a median.
const MIN_TURNS: usize = 5;

/// The time limit of a comparison after [`MIN_TURNS`].
const TIME_LIMIT: Duration = Duration::from_secs(4);

/// A side of a comparison: runs a round, and returns the time taken.
pub(crate) type Side<'a> = &'a mut dyn FnMut() -> Duration;

/// The times of the rounds: per turn, one per side.
pub(crate) struct Turns<const SIDES: usize>(Vec<[Duration; SIDES]>);

/// The median and quartiles over turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quartiles {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

/// Runs all sides in turns.
pub(crate) fn in_turns<const SIDES: usize>(mut sides: [Side<'_>; SIDES]) -> Turns<SIDES> {
    // A warm-up round for caches and files.
    for side in &mut sides {
        side();
    }
    let start = Instant::now();
    let mut turns = Vec::new();
    while !are_enough(turns.len(), start) {
        turns.push(sides.each_mut().map(|side| side()));
    }
    Turns(turns)
}

/// Returns true if `turns` turns since `start` are enough.
pub(crate) fn are_enough(turns: usize, start: Instant) -> bool {
    turns >= MIN_TURNS && (turns >= TURNS || start.elapsed() >= TIME_LIMIT)
}

impl<const SIDES: usize> Turns<SIDES> {
    /// Returns the operations per second of a side with `operations` per round.
    pub(crate) fn rate(&self, side: usize, operations: usize) -> f64 {
        operations as f64 / Quartiles::of(self.0.iter().map(|turn| turn[side].as_secs_f64())).median
    }

    /// Returns the speed of `side` relative to `floor`, compared turn by turn.
    pub(crate) fn share(&self, side: usize, floor: usize) -> Quartiles {
        Quartiles::of(self.0.iter().map(|turn| turn[floor].as_secs_f64() / turn[side].as_secs_f64()))
    }
}

impl Quartiles {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |quarter: usize| values[(values.len() - 1) * quarter / 4];
        Self { low: at(1), median: at(2), high: at(3) }
    }
}

pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
