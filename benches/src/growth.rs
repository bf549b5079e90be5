//! The cost of operations in stores of 10,000, 100,000 and 1,000,000 live challenges, and the space per challenge.

mod stand;

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind};
use crate::callers;
use crate::measure::{Quartiles, are_enough, timed};
use crate::report::{Section, micros, thousands};
use stand::Stand;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// An operation whose cost should not depend on the size of the store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    Get,
    Create,
    ListUser,
    ListAll,
    Sweep,
}

/// Measurements of a store, for plots. `tasks` has the seconds per call at each size.
pub(crate) struct Grown {
    pub(crate) kind: Kind,
    pub(crate) sizes: Vec<usize>,
    pub(crate) tasks: Vec<(Task, Vec<f64>)>,
    pub(crate) bytes: f64,
    pub(crate) body: f64,
}

impl Task {
    const ALL: [Self; 5] = [Self::Get, Self::Create, Self::ListUser, Self::ListAll, Self::Sweep];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Create => "create",
            Self::ListUser => "list 10 of a user",
            Self::ListAll => "list the first 100 of all",
            Self::Sweep => "sweep, with nothing due",
        }
    }

    /// Returns the number of calls per turn.
    const fn times(self) -> usize {
        match self {
            Self::Get => 200,
            Self::Create | Self::ListUser => 50,
            Self::ListAll | Self::Sweep => 10,
        }
    }
}

/// Grows stores of a kind and measures them.
///
/// Run the memory store first in the process: reuse of memory freed earlier would hide its growth.
pub(crate) fn run(arguments: &Arguments, kind: Kind) -> Option<Grown> {
    if !arguments.wants(&format!("{} growth", kind.name())) {
        return None;
    }
    let sizes = if kind == Kind::Redis && !arguments.full { &SIZES[..2] } else { &SIZES[..] };
    println!("growing {}", kind.name());
    let backend = Backend::start(kind);
    let runtime = callers::runtime(1);
    let stands: Vec<Stand> = sizes.iter().map(|size| runtime.block_on(Stand::grow(&backend, *size))).collect();
    let tasks = Task::ALL.map(|task| (task, measure(&runtime, &stands, task)));
    let last = stands.last().unwrap();
    let (bytes, body) = (last.bytes, runtime.block_on(last.body()));
    Some(Grown { kind, sizes: sizes.to_vec(), tasks: tasks.to_vec(), bytes, body })
}

/// Returns the seconds per call at each size. Each turn measures every size.
fn measure(runtime: &Runtime, stands: &[Stand], task: Task) -> Vec<f64> {
    let perform = |stand: &Stand| {
        let took = timed(|| runtime.block_on(stand.perform(task, task.times())));
        took.as_secs_f64() / task.times() as f64
    };
    // A warm-up turn.
    stands.iter().map(perform).for_each(drop);
    let (mut turns, start): (Vec<Vec<f64>>, _) = (Vec::new(), Instant::now());
    while !are_enough(turns.len(), start) {
        turns.push(stands.iter().map(perform).collect());
    }
    (0..stands.len()).map(|size| Quartiles::of(turns.iter().map(|turn| turn[size])).median).collect()
}

/// Returns the table of growth.
pub(crate) fn section(grown: &[Grown]) -> Section {
    let about = "One caller. All sizes exist at once and are measured in turns. The last column is the ratio of the largest \
                 size to the smallest: 1.0 is flat.";
    let mut section = Section::new("Growth", about, &["", "10,000", "100,000", "1,000,000", "growth"]);
    for Grown { kind, tasks, .. } in grown {
        for (task, seconds) in tasks {
            let mut cells = vec![format!("{}: {}", kind.name(), task.name())];
            cells.extend(seconds.iter().map(|seconds| micros(*seconds)));
            cells.resize(SIZES.len() + 1, String::new());
            cells.push(format!("× {:.1}", seconds[seconds.len() - 1] / seconds[0]));
            section.row(cells);
        }
    }
    section
}

/// Returns the table of space per challenge.
pub(crate) fn space(grown: &[Grown]) -> Section {
    let about = "A code challenge with answer data, at the largest size, all overhead included: resident memory of the \
                 process, the database files, `used_memory` of the server. The body is the record body from core.";
    let mut section = Section::new("Bytes of a live challenge", about, &["", "bytes", "its body"]);
    for Grown { kind, bytes, body, .. } in grown {
        section.row(vec![kind.name().to_owned(), thousands(*bytes), thousands(*body)]);
    }
    section
}
