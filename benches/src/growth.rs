//! What operations cost in a store of ten thousand, a hundred thousand and a million live challenges, and the space of one.

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

/// What should cost the same however much is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    Get,
    Create,
    ListUser,
    ListAll,
    Sweep,
}

/// What was measured, for plots: by task, the seconds of one call at each size.
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

    /// How often it is done in a turn.
    const fn times(self) -> usize {
        match self {
            Self::Get => 200,
            Self::Create | Self::ListUser => 50,
            Self::ListAll | Self::Sweep => 10,
        }
    }
}

/// Grows a store. The memory store has to be the first thing that this process measures, or what was freed before would be
/// taken again unseen.
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

/// The seconds of one call at each size, one size after the other in each turn.
fn measure(runtime: &Runtime, stands: &[Stand], task: Task) -> Vec<f64> {
    let perform = |stand: &Stand| {
        let took = timed(|| runtime.block_on(stand.perform(task, task.times())));
        took.as_secs_f64() / task.times() as f64
    };
    // The first turn warms, and does not count.
    stands.iter().map(perform).for_each(drop);
    let (mut turns, start): (Vec<Vec<f64>>, _) = (Vec::new(), Instant::now());
    while !are_enough(turns.len(), start) {
        turns.push(stands.iter().map(perform).collect());
    }
    (0..stands.len()).map(|size| Quartiles::of(turns.iter().map(|turn| turn[size])).median).collect()
}

/// The table of what grew.
pub(crate) fn section(grown: &[Grown]) -> Section {
    let about = "One caller; every size has its turn, and each store holds all the sizes at once. The last column is the \
                 largest size against the smallest: 1.0 is flat.";
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

/// The table of the space that a challenge takes.
pub(crate) fn space(grown: &[Grown]) -> Section {
    let about = "Of a challenge by code with answer data, at the largest size, everything counted: resident memory of the \
                 process, the database file, the server's `used_memory`. The body is what core asks the store to keep.";
    let mut section = Section::new("Bytes of a live challenge", about, &["", "bytes", "its body"]);
    for Grown { kind, bytes, body, .. } in grown {
        section.row(vec![kind.name().to_owned(), thousands(*bytes), thousands(*body)]);
    }
    section
}
