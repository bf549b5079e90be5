use super::write;
use crate::backend::Kind;
use crate::comparison::{Compared, Measured};
use crate::growth::{self, Grown, Task};
use crate::measure::Quartiles;
use crate::operation::Operation;

#[test]
fn results_and_plots_name_all_measurements() {
    let share = Quartiles { low: 0.5, median: 0.6, high: 0.65 };
    let measured = Measured { ours: 123_456.0, store: 300_000.0, floor: 205_760.0, share };
    let compared: Vec<_> = Kind::ALL
        .into_iter()
        .flat_map(|kind| Operation::ALL.map(|operation| (kind, operation)))
        .map(|(kind, operation)| Compared { kind, operation, alone: measured, many: Some(measured) })
        .collect();
    let tasks = vec![(Task::Get, vec![3e-6, 3.1e-6, 4e-6]), (Task::ListAll, vec![5e-5, 2e-4, 9e-4])];
    let grown = Kind::ALL.map(|kind| {
        let (sizes, tasks) = (vec![10_000, 100_000, 1_000_000], tasks.clone());
        Grown { kind, sizes, tasks, bytes: 1_100.0, body: 560.0 }
    });
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), &[growth::section(&grown), growth::space(&grown)], &compared, &grown).unwrap();
    let read = |file: &str| std::fs::read_to_string(directory.path().join(file)).unwrap();
    let results = read("RESULTS.md");
    for part in ["## Growth", "| memory: get | 3.0 µs | 3.1 µs | 4.0 µs | × 1.3 |", "| 1,100 | 560 |", "SQLite 3."]
    {
        assert!(results.contains(part), "{part} is missing:\n{results}");
    }
    for operation in Operation::ALL {
        assert!(read("plots/floors-64.svg").contains(operation.name()));
    }
    for kind in Kind::ALL {
        let plot = format!("plots/growth-{}.svg", kind.name());
        assert!(results.contains(&plot) && read(&plot).contains(Task::ListAll.name()));
    }
}
