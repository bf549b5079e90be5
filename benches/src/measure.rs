//! Measurement in slices: all sides run alternately for a short time, so that machine noise affects all sides alike.

use std::time::{Duration, Instant};

/// The amount of measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Repetitions on new stores.
    pub(crate) runs: usize,
    /// Slices of each side in a run.
    pub(crate) slices: usize,
    /// The target time of a slice.
    pub(crate) slice: Duration,
    /// Slices of each side of a sustained load, all on the same store.
    pub(crate) long_slices: usize,
    /// The time of a slice of a sustained load.
    pub(crate) long_slice: Duration,
}

/// A side of a comparison: runs a slice, and returns the time taken.
pub(crate) type Side<'a> = &'a mut dyn FnMut() -> Duration;

/// The times of a run: per turn, a slice of each side.
pub(crate) struct Slices<const SIDES: usize>(Vec<[Duration; SIDES]>);

/// The times of all runs.
pub(crate) struct Runs<const SIDES: usize>(Vec<Slices<SIDES>>);

/// The median and the range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

/// Runs a slice of each side to warm up, and then `slices` slices of each side in turns.
///
/// Every turn starts with another side, so that no side always runs after the same one.
pub(crate) fn alternate<const SIDES: usize>(slices: usize, mut sides: [Side<'_>; SIDES]) -> Slices<SIDES> {
    for side in &mut sides {
        side();
    }
    let turn = |number: usize| {
        let mut times = [Duration::ZERO; SIDES];
        for place in 0..SIDES {
            let side = (number + place) % SIDES;
            times[side] = sides[side]();
        }
        times
    };
    Slices((0..slices).map(turn).collect())
}

impl<const SIDES: usize> Runs<SIDES> {
    pub(crate) fn of(runs: usize, run: impl FnMut(usize) -> Slices<SIDES>) -> Self {
        Self((0..runs).map(run).collect())
    }

    /// Returns the operations per second of a side with `operations` per slice.
    pub(crate) fn rate(&self, side: usize, operations: usize) -> f64 {
        let seconds = self.0.iter().map(|run| median(run.0.iter().map(|turn| turn[side].as_secs_f64())));
        operations as f64 / median(seconds)
    }

    /// Returns the speed of `side` relative to `floor`: per run the median over the turns, then the spread of the runs.
    pub(crate) fn share(&self, side: usize, floor: usize) -> Spread {
        let ratio = |turn: &[Duration; SIDES]| turn[floor].as_secs_f64() / turn[side].as_secs_f64();
        Spread::of(self.0.iter().map(|run| median(run.0.iter().map(ratio))))
    }
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values = sorted(values);
        Self { low: values[0], median: quantile(&values, 0.5), high: values[values.len() - 1] }
    }
}

pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Returns the value that a `part` of the sorted values does not exceed.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(&sorted(values), 0.5)
}

pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[cfg(test)]
mod tests;
