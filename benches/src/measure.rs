//! Measuring in turns: a round of the one, a round of the other, and so on, so that all see the same machine.

use std::time::{Duration, Instant};

/// As many turns as are taken, unless they take longer than [`PATIENCE`].
const TURNS: usize = 15;

/// As few turns as a median is taken of.
const FEWEST: usize = 5;

/// What one comparison may take, beyond its fewest turns.
const PATIENCE: Duration = Duration::from_secs(4);

/// A side of a comparison: it does its round, and answers how long that took.
pub(crate) type Side<'a> = &'a mut dyn FnMut() -> Duration;

/// How long a round took each side at each turn.
pub(crate) struct Turns<const SIDES: usize>(Vec<[Duration; SIDES]>);

/// The middle of what several turns gave, and the quarters below and above it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quartiles {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

/// Lets the sides do their rounds in turn.
pub(crate) fn in_turns<const SIDES: usize>(mut sides: [Side<'_>; SIDES]) -> Turns<SIDES> {
    // The first round of each warms caches and files, and does not count.
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

/// Whether so many turns since then are enough.
pub(crate) fn are_enough(turns: usize, start: Instant) -> bool {
    turns >= FEWEST && (turns >= TURNS || start.elapsed() >= PATIENCE)
}

impl<const SIDES: usize> Turns<SIDES> {
    /// Operations a second of a side whose round is so many.
    pub(crate) fn rate(&self, side: usize, operations: usize) -> f64 {
        operations as f64 / Quartiles::of(self.0.iter().map(|turn| turn[side].as_secs_f64())).median
    }

    /// How much of the speed of `floor` a side has, turn by turn.
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
