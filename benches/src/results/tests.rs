use super::write;
use crate::backend::Kind;
use crate::callers::{Load, MANY};
use crate::comparison::{Compared, Measured};
use crate::growth::{self, Grown, Sweep, Task};
use crate::measure::Spread;
use crate::operation::Operation;
use crate::summary;
use crate::sustained::{Loads, Sustained};

#[test]
fn results_and_plots_name_all_measurements() {
    let share = Spread { low: 0.5, median: 0.6, high: 0.65 };
    let measured = Measured { ours: 123_456.0, store: 300_000.0, floor: 205_760.0, share };
    let compared: Vec<_> = Kind::all()
        .flat_map(|kind| Operation::ALL.map(|operation| (kind, operation)))
        .map(|(kind, operation)| Compared { kind, operation, alone: measured, many: Some(measured) })
        .collect();
    let tasks = vec![(Task::Get, vec![3e-6, 3.1e-6, 4e-6]), (Task::ListAll, vec![5e-5, 2e-4, 9e-4])];
    let grown = |kind| {
        let (sizes, tasks) = (vec![10_000, 100_000, 1_000_000], tasks.clone());
        let sweeps = [1_000, 2_000, 3_000]
            .map(|records| Sweep { records, calls: vec![0.004, 0.006], creations: vec![0.001] })
            .into();
        Grown { kind, sizes, tasks, bytes: 1_100.0, body: 560.0, sweeps }
    };
    let grown: Vec<_> = Kind::all().map(grown).collect();
    let load = |rate| Load { rate, p50: 0.000_51, p99: 0.012 };
    let loads = || Loads(vec![[load(1_500.0), load(2_000.0)], [load(1_000.0), load(2_000.0)]]);
    let sustained: Vec<_> = Kind::all().map(|kind| Sustained { kind, callers: MANY, loads: loads() }).collect();
    let directory = tempfile::tempdir().unwrap();
    let summary = summary::section(&sustained, &sustained, &grown).unwrap();
    let sections = [summary, growth::section(&grown), growth::sweeps(&grown), growth::space(&grown)];
    write(directory.path(), &sections, &compared, &grown).unwrap();
    let read = |file: &str| std::fs::read_to_string(directory.path().join(file)).unwrap();
    let results = read("RESULTS.md");
    for part in [
        "## Growth",
        "| memory: get | 3.0 µs | 3.1 µs | 4.0 µs | × 1.3 |",
        "| 1,100 | 560 |",
        "SQLite 3.",
        "| sqlite FULL, 64 callers | 1,000 (1,000–1,500) | 0.510 ms (0.510–0.510) | 12.0 ms (12.0–12.0) | 50 % (50–75) |",
        "| HTTP, sqlite FULL, 64 callers |",
        "| sqlite, read 1 of 1,000,000 at random |",
        "| memory: 10,000 challenges | 100,000 | 4.00 ms | 6.00 ms |",
    ] {
        assert!(results.contains(part), "{part} is missing:\n{results}");
    }
    for operation in Operation::ALL {
        assert!(read("plots/floors-64.svg").contains(operation.name()));
    }
    for kind in Kind::all() {
        let plot = format!("plots/growth-{}.svg", kind.name);
        assert!(results.contains(&plot) && read(&plot).contains(Task::ListAll.name()));
    }
}
