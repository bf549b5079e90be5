//! Sustained load: codes created and answered for seconds on the same store, and the delay of each call.

mod raw;

use async_trait::async_trait;
use challenges_core::{Answer, ChallengeType};

use crate::arguments::Arguments;
use crate::backend::{Backend, KINDS, Kind, Opened};
use crate::callers::{self, Caller, Load, MANY, sustain};
use crate::host::{Host, user};
use crate::measure::{Effort, Spread};
use crate::operation::USERS;
use crate::report::{Section, delay, rate, share};
use raw::{RawCaller, Template};

/// The measurements of both sides, slice by slice.
pub(crate) struct Sustained {
    pub(crate) kind: &'static Kind,
    pub(crate) callers: usize,
    pub(crate) loads: Loads,
}

/// Slices of the library and of the floor, in turns.
pub(crate) struct Loads(pub(crate) Vec<[Load; 2]>);

pub(crate) const HEADER: [&str; 8] = ["", "calls a second", "p50", "p99", "floor", "p50", "p99", "of the floor"];

pub(crate) fn run(arguments: &Arguments, measured: &mut Vec<Sustained>) -> Option<Section> {
    let name = |kind: &Kind| format!("{} sustained", kind.name);
    let wanted: Vec<_> = KINDS.into_iter().filter(|kind| arguments.wants(&name(kind))).collect();
    if wanted.is_empty() {
        return None;
    }
    let effort = arguments.effort();
    let about = format!(
        "A call creates a code challenge, or answers it: a load and a commit. {} seconds for each side, in {} slices on the \
         same store, in turns with the floor; SQLite checkpoints as it does by default. p50 and p99 are the delays that half \
         and 99 of 100 calls do not exceed. All figures are medians, with the range, of the slices. Floor: the same loads and \
         commits on the floor of each store, where every write waits for its commit; on SQLite with 64 callers, a writer \
         thread that commits all waiting writes at once.",
        effort.long_slices as f64 * effort.long_slice.as_secs_f64(),
        effort.long_slices,
    );
    let mut section = Section::new("Sustained load", about, &HEADER);
    let template = callers::runtime(1).block_on(Template::of_the_library());
    for kind in wanted {
        let backend = (kind.start)();
        for callers in [1, MANY] {
            backend.clear();
            let loads = measure(kind, &*backend, callers, &template, effort);
            section.row([vec![name_of(kind, callers)], loads.cells()].concat());
            measured.push(Sustained { kind, callers, loads });
        }
    }
    Some(section)
}

pub(crate) fn name_of(kind: &Kind, callers: usize) -> String {
    let name = match kind.name {
        "sqlite" => "sqlite FULL",
        "sqlite in place" => "sqlite FULL in place",
        name => name,
    };
    format!("{name}, {callers} {}", if callers == 1 { "caller" } else { "callers" })
}

fn measure(kind: &Kind, backend: &dyn Backend, callers: usize, template: &Template, effort: Effort) -> Loads {
    let runtime = callers::runtime(if kind.is_in_place { MANY } else { callers });
    let loads = runtime.block_on(async {
        let Opened { store, files } = backend.open().await;
        let host = Host::new(store).await;
        let live = backend.live(callers).await;
        let ours = (0..callers).map(|first| Library { host: host.clone(), number: first, callers, answer: None });
        let floor = (0..callers).map(|first| RawCaller::new(&live, template, first, callers));
        // In a task, as the handler of a request: only there does a thread hand over its tasks before it blocks.
        let loads = tokio::spawn(Loads::alternate(ours.collect(), floor.collect(), effort)).await.unwrap();
        drop(files);
        loads
    });
    callers::end(runtime);
    loads
}

/// Creates and answers in turn.
struct Library {
    host: Host,
    number: usize,
    callers: usize,
    answer: Option<Answer>,
}

#[async_trait]
impl Caller for Library {
    async fn call(&mut self) {
        if let Some(answer) = self.answer.take() {
            assert!(self.host.challenges.answer(answer).await.unwrap().passed().is_some());
            return;
        }
        let created = self.host.create(user(self.number % USERS)).await;
        self.number += self.callers;
        let code = created.code.unwrap();
        self.answer = Some(Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose()));
    }
}

impl Loads {
    /// Runs a short slice of both sides to warm up, and then the slices in turns.
    pub(crate) async fn alternate<A: Caller, B: Caller>(mut ours: Vec<A>, mut floor: Vec<B>, effort: Effort) -> Self {
        sustain(&mut ours, effort.long_slice / 4).await;
        sustain(&mut floor, effort.long_slice / 4).await;
        let mut loads = Vec::new();
        for number in 0..effort.long_slices {
            let time = effort.long_slice;
            loads.push(if number.is_multiple_of(2) {
                let ours = sustain(&mut ours, time).await;
                [ours, sustain(&mut floor, time).await]
            } else {
                let floor = sustain(&mut floor, time).await;
                [sustain(&mut ours, time).await, floor]
            });
        }
        Self(loads)
    }

    /// Returns the spread of a figure over the slices of a side.
    pub(crate) fn spread(&self, side: usize, figure: impl Fn(&Load) -> f64) -> Spread {
        Spread::of(self.0.iter().map(|loads| figure(&loads[side])))
    }

    /// Returns the rate of the library relative to the floor.
    pub(crate) fn share(&self) -> Spread {
        Spread::of(self.0.iter().map(|[ours, floor]| ours.rate / floor.rate))
    }

    /// Returns the cells of [`HEADER`].
    pub(crate) fn cells(&self) -> Vec<String> {
        let of = |side| {
            [
                rate(self.spread(side, |load| load.rate).median),
                delay(self.spread(side, |load| load.p50)),
                delay(self.spread(side, |load| load.p99)),
            ]
        };
        [&of(0)[..], &of(1), &[share(self.share())]].concat()
    }
}
