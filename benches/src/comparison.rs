//! Each hot operation on each store, compared with the store alone and with the floor.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::arguments::Arguments;
use crate::backend::{Backend, Kind, Opened};
use crate::callers::{self, MANY};
use crate::floor::{self, Signature, StoreAlone};
use crate::host::Host;
use crate::measure::{Effort, Runs, Spread, alternate};
use crate::operation::{Job, Operation, Size};
use crate::report::{Section, rate, share};
use crate::trace::Trace;
use crate::webauthn;

/// The minimum number of calls per slice for each caller.
const FEWEST: usize = 8;

/// The number of challenges per sweep.
const SWEPT: usize = 512;

/// The measurements of an operation, for plots.
pub(crate) struct Compared {
    pub(crate) kind: &'static Kind,
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
    pub(crate) share: Spread,
}

pub(crate) fn run(arguments: &Arguments, kind: &'static Kind, compared: &mut Vec<Compared>) -> Option<Section> {
    let name = |operation: Operation| format!("{} {}", kind.name, operation.name());
    let wanted: Vec<_> = Operation::ALL.into_iter().filter(|operation| arguments.wants(&name(*operation))).collect();
    if wanted.is_empty() {
        return None;
    }
    let header = ["", "1 caller", "store alone", "floor", "of the floor"];
    let header = [&header[..], &["64 callers", "store alone", "floor", "of the floor"]].concat();
    let title = format!("Operations a second: {}", kind.name);
    let mut section = Section::new(title, kind.floor, &header);
    let backend = (kind.start)();
    let signature = Arc::new(webauthn::signature());
    for operation in wanted {
        let measure = |callers| measure(&*backend, operation, callers, &signature, arguments.effort());
        let alone = measure(1);
        let many = operation.is_shared().then(|| measure(MANY));
        let mut cells = vec![operation.name().to_owned()];
        cells.extend(alone.cells());
        cells.extend(many.map_or_else(Vec::new, |many| many.cells().to_vec()));
        section.row(cells);
        compared.push(Compared { kind, operation, alone, many });
    }
    Some(section)
}

fn measure(
    backend: &dyn Backend,
    operation: Operation,
    callers: usize,
    signature: &Arc<Signature>,
    effort: Effort,
) -> Measured {
    let runtime = callers::runtime(callers);
    backend.clear();
    let count = runtime.block_on(count(backend, operation, callers, effort.slice));
    let signature = operation.verifies_signature().then(|| Arc::clone(signature));
    let calls = operation.calls(count);
    // One more slice warms up.
    let size = Size { slices: effort.slices + 1, each: count };
    let runs = Runs::of(effort.runs, |_| {
        backend.clear();
        let (mut store, mut floor, mut ours) = runtime.block_on(async {
            let trace = Trace::of(operation, size).await;
            let floor = backend.replay(&trace, callers, signature.clone()).await;
            let Opened { store, files } = backend.open().await;
            let store = (floor::replay(StoreAlone(store), &trace, callers, None).await, files);
            // Last, because TOTP codes are valid for a short time.
            let ours = Ours::prepare(backend, operation, callers, size).await;
            backend.settle().await;
            (store, floor, ours)
        });
        alternate(
            effort.slices,
            [&mut || runtime.block_on(ours.slice(calls)), &mut || runtime.block_on(store.0.slice(calls)), &mut || {
                runtime.block_on(floor.slice(calls))
            }],
        )
    });
    callers::end(runtime);
    let [ours, store, floor] = [0, 1, 2].map(|side| runs.rate(side, count));
    Measured { ours, store, floor, share: runs.share(0, 2) }
}

/// The library with prepared calls.
struct Ours {
    host: Host,
    jobs: std::vec::IntoIter<Job>,
    callers: usize,
    _files: Option<TempDir>,
}

impl Ours {
    async fn prepare(backend: &dyn Backend, operation: Operation, callers: usize, size: Size) -> Self {
        let Opened { store, files } = backend.open().await;
        let host = Host::new(store).await;
        let jobs = operation.prepare(&host, size).await.into_iter();
        Self { host, jobs, callers, _files: files }
    }

    async fn slice(&mut self, calls: usize) -> Duration {
        let jobs: Vec<_> = self.jobs.by_ref().take(calls).collect();
        assert_eq!(jobs.len(), calls);
        let host = self.host.clone();
        let start = Instant::now();
        callers::all(self.callers, jobs, move |job| {
            let host = host.clone();
            async move { job.run(&host).await }
        })
        .await;
        start.elapsed()
    }
}

/// Returns the number of challenges of a slice of about `time`, capped by the cost of preparation: a multiple of `callers`.
async fn count(backend: &dyn Backend, operation: Operation, callers: usize, time: Duration) -> usize {
    let most = match operation {
        Operation::Sweep => return SWEPT,
        Operation::AnswerByWebauthn => 64,
        Operation::AnswerByTotp | Operation::Dispatch => 512,
        _ => 1_024,
    };
    let few = (FEWEST * callers).min(most);
    let mut ours = Ours::prepare(backend, operation, callers, Size { slices: 2, each: few }).await;
    // The first slice warms up.
    ours.slice(few).await;
    let each = ours.slice(few).await / u32::try_from(few).unwrap();
    let count = usize::try_from(time.as_nanos() / each.as_nanos().max(1)).unwrap_or(most);
    count.clamp(few, most).next_multiple_of(callers)
}

impl Measured {
    fn cells(&self) -> [String; 4] {
        [rate(self.ours), rate(self.store), rate(self.floor), share(self.share)]
    }
}
