//! The cost of operations in stores of 10,000, 100,000 and 1,000,000 live challenges, and the space per challenge.

mod stand;

use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::backend::Kind;
use crate::callers;
use crate::measure::{Effort, median, quantile, sorted, timed};
use crate::report::{Section, delay_of, micros, rate, thousands};
use stand::Stand;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const QUICK_SIZES: [usize; 2] = [1_000, 4_000];

/// The number of records per call in a sweep of a full store.
const SWEPT: usize = 1_000;

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
    pub(crate) kind: &'static Kind,
    pub(crate) sizes: Vec<usize>,
    pub(crate) tasks: Vec<(Task, Vec<f64>)>,
    pub(crate) bytes: f64,
    pub(crate) body: f64,
    /// Sweeps of the full store, at each size.
    pub(crate) sweeps: Vec<Sweep>,
}

/// A sweep of a store with expired challenges only: the records, the seconds of each call, and the seconds of each creation
/// by another caller meanwhile.
pub(crate) struct Sweep {
    pub(crate) records: usize,
    pub(crate) calls: Vec<f64>,
    pub(crate) creations: Vec<f64>,
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
pub(crate) fn run(arguments: &Arguments, kind: &'static Kind) -> Option<Grown> {
    if !arguments.wants(&format!("{} growth", kind.name)) {
        return None;
    }
    let sizes = if arguments.quick { &QUICK_SIZES[..] } else { &SIZES[..] };
    let largest = if arguments.full { usize::MAX } else { kind.largest };
    let sizes: Vec<usize> = sizes.iter().copied().filter(|size| *size <= largest).collect();
    println!("growing {}", kind.name);
    let backend = (kind.start)();
    let runtime = callers::runtime(1);
    let stands: Vec<Stand> = sizes.iter().map(|size| runtime.block_on(Stand::grow(&*backend, *size))).collect();
    let tasks = Task::ALL.map(|task| (task, measure(&runtime, &stands, task, arguments.effort())));
    let last = stands.last().unwrap();
    let (bytes, body) = (last.bytes, runtime.block_on(last.body()));
    // Last, because the stores are empty afterwards.
    let sweeps = stands.iter().map(|stand| runtime.block_on(stand.sweep(SWEPT))).collect();
    Some(Grown { kind, sizes, tasks: tasks.to_vec(), bytes, body, sweeps })
}

/// Returns the seconds per call at each size. Each turn measures every size.
fn measure(runtime: &Runtime, stands: &[Stand], task: Task, effort: Effort) -> Vec<f64> {
    let perform = |stand: &Stand| {
        let took = timed(|| runtime.block_on(stand.perform(task, task.times())));
        took.as_secs_f64() / task.times() as f64
    };
    // A warm-up turn.
    stands.iter().map(perform).for_each(drop);
    let turns: Vec<Vec<f64>> = (0..effort.runs * effort.slices).map(|_| stands.iter().map(perform).collect()).collect();
    (0..stands.len()).map(|size| median(turns.iter().map(|turn| turn[size]))).collect()
}

/// Returns the table of growth.
pub(crate) fn section(grown: &[Grown]) -> Section {
    let about = "One caller. All sizes exist at once and are measured in turns. *Get* reads challenges at random. The last \
                 column is the ratio of the largest size to the smallest: 1.0 is flat.";
    let sizes = grown.iter().map(|grown| &grown.sizes).max_by_key(|sizes| sizes.len()).unwrap();
    let names: Vec<String> = sizes.iter().map(|size| thousands(*size as f64)).collect();
    let header: Vec<&str> = [""].into_iter().chain(names.iter().map(String::as_str)).chain(["growth"]).collect();
    let mut section = Section::new("Growth", about, &header);
    for Grown { kind, tasks, .. } in grown {
        for (task, seconds) in tasks {
            let mut cells = vec![format!("{}: {}", kind.name, task.name())];
            cells.extend(seconds.iter().map(|seconds| micros(*seconds)));
            cells.resize(sizes.len() + 1, String::new());
            cells.push(format!("× {:.1}", seconds[seconds.len() - 1] / seconds[0]));
            section.row(cells);
        }
    }
    section
}

/// Returns the table of sweeps.
pub(crate) fn sweeps(grown: &[Grown]) -> Section {
    let about = "One caller deletes all challenges and counters of a store after they have expired, 1,000 a call. Another \
                 caller creates a challenge every 2 milliseconds. On SQLite a creation waits for a transaction of the call, not \
                 for the whole call.";
    let header = ["", "records a second", "p50 of a call", "slowest call", "p99 of a creation", "slowest creation"];
    let mut section = Section::new("Sweep of a full store", about, &header);
    for Grown { kind, sizes, sweeps, .. } in grown {
        for (size, Sweep { records, calls, creations }) in sizes.iter().zip(sweeps) {
            let (sorted, creations) = (sorted(calls.iter().copied()), sorted(creations.iter().copied()));
            section.row(vec![
                format!("{}: {} challenges", kind.name, thousands(*size as f64)),
                rate(*records as f64 / calls.iter().sum::<f64>()),
                delay_of(quantile(&sorted, 0.5)),
                delay_of(sorted[sorted.len() - 1]),
                delay_of(quantile(&creations, 0.99)),
                delay_of(quantile(&creations, 1.0)),
            ]);
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
        section.row(vec![kind.name.to_owned(), thousands(*bytes), thousands(*body)]);
    }
    section
}
