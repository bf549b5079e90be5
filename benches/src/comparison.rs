//! Each hot operation on each store, compared with the store alone and with the floor.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind, Opened};
use crate::callers::{self, MANY};
use crate::floor::Signature;
use crate::host::Host;
use crate::measure::{Quartiles, in_turns};
use crate::operation::Operation;
use crate::report::{Section, rate, share};
use crate::trace::Trace;
use crate::webauthn;

/// The target time of a round of the library.
const ROUND: Duration = Duration::from_millis(80);

/// The minimum number of calls per round.
const FEWEST: usize = 32;

/// The number of challenges per sweep.
const SWEPT: usize = 4_096;

/// The measurements of an operation, for plots.
pub(crate) struct Compared {
    pub(crate) kind: Kind,
    pub(crate) operation: Operation,
    pub(crate) alone: Measured,
    pub(crate) many: Option<Measured>,
}

/// Calls per second, and the ratio to the floor.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) ours: f64,
    pub(crate) store: f64,
    pub(crate) floor: f64,
    pub(crate) share: Quartiles,
}

pub(crate) fn run(arguments: &Arguments, kind: Kind, compared: &mut Vec<Compared>) -> Option<Section> {
    let name = |operation: Operation| format!("{} {}", kind.name(), operation.name());
    let wanted: Vec<_> = Operation::ALL.into_iter().filter(|operation| arguments.wants(&name(*operation))).collect();
    if wanted.is_empty() {
        return None;
    }
    let header = ["", "1 caller", "store alone", "floor", "of the floor"];
    let header = [&header[..], &["64 callers", "store alone", "floor", "of the floor"]].concat();
    let title = format!("Operations a second: {}", kind.name());
    let mut section = Section::new(title, floor_of(kind), &header);
    let backend = Backend::start(kind);
    let signature = Arc::new(webauthn::signature());
    for operation in wanted {
        let alone = measure(&backend, operation, 1, &signature);
        let many = operation.is_shared().then(|| measure(&backend, operation, MANY, &signature));
        let mut cells = vec![operation.name().to_owned()];
        cells.extend(alone.cells());
        cells.extend(many.map_or_else(Vec::new, |many| many.cells().to_vec()));
        section.row(cells);
        compared.push(Compared { kind, operation, alone, many });
    }
    Some(section)
}

const fn floor_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Memory => {
            "Floor: 64 locked hash maps with the same records. The maps have no index: lists and sweeps get the keys to read."
        }
        Kind::Sqlite => {
            "Floor: raw `rusqlite` with prepared statements on the same table and `synchronous=FULL`. 1 caller: on the \
             caller's thread. 64 callers: a write connection that commits after every 64 steps, for which no step waits, \
             and four read connections."
        }
        Kind::Redis => {
            "Floor: the same client crate on one multiplexed connection, sending the same requests, encoded beforehand, and \
             decoding no replies. The server writes an append-only file with `everysec` and shares the processors with the \
             callers."
        }
    }
}

fn measure(backend: &Backend, operation: Operation, callers: usize, signature: &Arc<Signature>) -> Measured {
    let runtime = callers::runtime(callers);
    let count = runtime.block_on(count(backend, operation, callers));
    let trace = runtime.block_on(Trace::of(operation, count));
    let signature = operation.verifies_signature().then(|| Arc::clone(signature));
    let turns = in_turns([
        &mut || runtime.block_on(ours(backend, operation, callers, count)),
        &mut || runtime.block_on(backend.store_alone(&trace, callers)),
        &mut || runtime.block_on(backend.floor(&trace, callers, signature.clone())),
    ]);
    end(runtime);
    let [ours, store, floor] = [0, 1, 2].map(|side| turns.rate(side, count));
    Measured { ours, store, floor, share: turns.share(0, 2) }
}

async fn ours(backend: &Backend, operation: Operation, callers: usize, count: usize) -> Duration {
    let Opened { store, files } = backend.open().await;
    let host = Host::new(store).await;
    let jobs = operation.prepare(&host, count).await;
    let took = callers::timed(callers, jobs, move |job| {
        let host = host.clone();
        async move { job.run(&host).await }
    })
    .await;
    drop(files);
    took
}

/// Shuts the runtime down. Tasks that close connections must not disturb the next measurement.
fn end(runtime: Runtime) {
    runtime.shutdown_timeout(Duration::from_secs(5));
}

/// Returns the number of challenges for a round of about [`ROUND`], capped by the cost of preparation.
async fn count(backend: &Backend, operation: Operation, callers: usize) -> usize {
    if operation == Operation::Sweep {
        return SWEPT;
    }
    let few = FEWEST.max(callers);
    let each = ours(backend, operation, callers, few).await / u32::try_from(few).unwrap();
    let most = match operation {
        Operation::AnswerByWebauthn => 256,
        Operation::AnswerByTotp | Operation::Dispatch => 1_024,
        _ => 8_192,
    };
    let count = ROUND.as_nanos() / each.as_nanos().max(1);
    usize::try_from(count).unwrap_or(most).clamp(few, most)
}

impl Measured {
    fn cells(&self) -> [String; 4] {
        [rate(self.ours), rate(self.store), rate(self.floor), share(self.share)]
    }
}
