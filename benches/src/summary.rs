//! The table that users choose by, as the README shows it.

use crate::callers::MANY;
use crate::growth::{Grown, Task};
use crate::measure::{quantile, sorted};
use crate::report::{Section, delay, delay_of, rates, share, thousands};
use crate::sustained::{Sustained, name_of};

/// Returns the table, with the rows that were measured.
pub(crate) fn section(sustained: &[Sustained], over_http: &[Sustained], grown: &[Grown]) -> Option<Section> {
    let mut rows = Vec::new();
    let sqlite = [("sqlite", 1), ("sqlite in place", 1), ("sqlite", MANY), ("sqlite NORMAL", MANY)];
    let servers = [("postgres", 1), ("postgres", MANY), ("redis", MANY), ("memory", MANY)];
    for (name, callers) in sqlite.into_iter().chain(servers) {
        rows.extend(find(sustained, name, callers).map(|of| row(name_of(of.kind, callers), of)));
    }
    rows.extend(find(over_http, "sqlite", MANY).map(|of| row(format!("HTTP, {}", name_of(of.kind, MANY)), of)));
    if let Some(sqlite) = grown.iter().find(|grown| grown.kind.name == "sqlite") {
        rows.push(reading(sqlite));
        rows.push(sweeping(sqlite));
    }
    if rows.is_empty() {
        return None;
    }
    let about = "A call creates a code challenge or answers it. Medians and ranges of the slices; each row is explained in its \
                 table below. The README shows this table.";
    let mut section = Section::new("Summary", about, &["", "calls a second", "p50", "p99", "of the floor"]);
    for cells in rows {
        section.row(cells);
    }
    Some(section)
}

fn find<'a>(measured: &'a [Sustained], name: &str, callers: usize) -> Option<&'a Sustained> {
    measured.iter().find(|measured| measured.kind.name == name && measured.callers == callers)
}

fn row(name: String, Sustained { loads, .. }: &Sustained) -> Vec<String> {
    let (p50, p99) = (loads.spread(0, |load| load.p50), loads.spread(0, |load| load.p99));
    vec![name, rates(loads.spread(0, |load| load.rate)), delay(p50), delay(p99), share(loads.share())]
}

fn reading(Grown { kind, sizes, tasks, .. }: &Grown) -> Vec<String> {
    let (_, seconds) = tasks.iter().find(|(task, _)| matches!(task, Task::Get)).unwrap();
    let (size, last) = (sizes[sizes.len() - 1], seconds[seconds.len() - 1]);
    let name = format!("{}, read 1 of {} at random", kind.name, thousands(size as f64));
    let growth = format!("× {:.1} of {}", last / seconds[0], thousands(sizes[0] as f64));
    vec![name, thousands(1.0 / last), delay_of(last), String::new(), growth]
}

fn sweeping(Grown { kind, sizes, sweeps, .. }: &Grown) -> Vec<String> {
    let (size, last) = (sizes[sizes.len() - 1], &sweeps[sweeps.len() - 1]);
    let calls = sorted(last.calls.iter().copied());
    let each = |sweep: &crate::growth::Sweep| sweep.calls.iter().sum::<f64>() / sweep.records as f64;
    let name = format!("{}, sweep 1,000 of {}", kind.name, thousands(size as f64));
    let growth = format!("× {:.1} of {}", each(last) / each(&sweeps[0]), thousands(sizes[0] as f64));
    let calls_a_second = thousands(calls.len() as f64 / calls.iter().sum::<f64>());
    vec![name, calls_a_second, delay_of(quantile(&calls, 0.5)), delay_of(quantile(&calls, 0.99)), growth]
}
