//! The table of requirements: every one has tests and a control, every test that it names exists, and no test that is
//! named after a requirement is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::sources::{Sources, root};
use crate::table::{names, rows};

/// Numbers that no requirement has.
const GAPS: [u32; 3] = [31, 41, 59];

/// How the tests of a requirement begin that has none, and by what the reason is followed.
const NOT_MET: &str = "not met: ";

#[derive(Debug, Default)]
struct Row {
    requirement: u32,
    file: String,
    tests: Vec<String>,
    control: String,
    is_unmet: bool,
}

fn parse(text: &str) -> Vec<Row> {
    let mut requirement = 0;
    let row = |cells: Vec<String>| {
        let [number, _, file, tests, control] = &cells[..] else { panic!("five cells: {cells:?}") };
        if !number.is_empty() {
            requirement = number.parse().unwrap_or_else(|_| panic!("no number of a requirement: {number}"));
        }
        Row {
            requirement,
            file: names(file).concat(),
            tests: names(tests),
            control: control.clone(),
            is_unmet: tests.starts_with(NOT_MET) && tests.len() > NOT_MET.len(),
        }
    };
    rows(text).into_iter().map(row).collect()
}

/// The requirements that the name of a test begins with.
fn of_name(test: &str) -> Vec<u32> {
    let mut rest = test.strip_prefix("test_").unwrap_or(test);
    let mut numbers = Vec::new();
    while let Some((number, next)) = rest.strip_prefix('r').and_then(|rest| rest.split_once('_')) {
        let Ok(number) = number.parse() else { break };
        numbers.push(number);
        rest = next;
    }
    numbers
}

fn complaints(table: &[Row], sources: &Sources) -> Vec<String> {
    let mut complaints = Vec::new();
    for number in (1..=60).filter(|number| !GAPS.contains(number)) {
        let rows = || table.iter().filter(|row| row.requirement == number);
        if rows().all(|row| row.tests.is_empty() && !row.is_unmet) {
            complaints.push(format!("requirement {number} has no test, and no reason why it has none"));
        }
        if rows().all(|row| row.control.is_empty() && !row.is_unmet) {
            complaints.push(format!("requirement {number} has no negative control"));
        }
    }
    let mut listed = BTreeSet::new();
    for row in table {
        let controls = names(&row.control);
        if row.file.is_empty() && controls.is_empty() && row.tests.is_empty() {
            continue;
        }
        let Some(tests) = sources.0.get(&row.file) else {
            complaints.push(format!("requirement {}: there is no file {:?}", row.requirement, row.file));
            continue;
        };
        for test in row.tests.iter().chain(&controls) {
            if !tests.contains(test) {
                complaints.push(format!("requirement {}: no test {test} in {}", row.requirement, row.file));
            }
            if !listed.insert((row.requirement, row.file.as_str(), test.clone())) {
                complaints.push(format!("requirement {}: {test} of {} stands twice", row.requirement, row.file));
            }
        }
    }
    for (file, tests) in &sources.0 {
        for (test, number) in tests.iter().flat_map(|test| of_name(test).into_iter().map(move |number| (test, number)))
        {
            if !listed.contains(&(number, file, test.clone())) {
                complaints.push(format!("{test} of {file} is in no row of requirement {number}"));
            }
        }
    }
    complaints
}

#[test]
fn the_table_of_requirements_is_true() {
    let Some(root) = root() else { return };
    let text = fs::read_to_string(root.join(".github/REQUIREMENTS.md")).unwrap();
    let complaints = complaints(&parse(&text), &Sources::read(&root));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The controls: a table that is true, and what is said when one thing of it is not.
#[test]
fn what_is_not_true_of_a_table_is_found() {
    let rows: String = (1..=60)
        .filter(|number| !GAPS.contains(number))
        .map(|number| format!("| {number} | what | `a.rs` | `r{number}_test` | in the test |\n"))
        .collect();
    let table = format!("| # | what | file | tests | control |\n| - | - | --- | - | - |\n{rows}");
    let tests: BTreeSet<_> = (1..=60).filter(|n| !GAPS.contains(n)).map(|n| format!("r{n}_test")).collect();
    let sources = |tests| Sources(BTreeMap::from([("a.rs".to_owned(), tests)]));
    let said = |table: &str| complaints(&parse(table), &sources(tests.clone())).join("\n");
    let row = "| 7 | what | `a.rs` | `r7_test` | in the test |\n";

    assert_eq!(said(&table), "");
    assert_eq!(
        said(&table.replace(row, "| 7 | what | | not met: a reason | |\n")),
        "r7_test of a.rs is in no row of requirement 7"
    );
    for (wrong, complaint) in [
        (String::new(), "requirement 7 has no test"),
        (row.replace("in the test", ""), "requirement 7 has no negative control"),
        (row.replace("a.rs", "b.rs"), "no file \"b.rs\""),
        (row.replace("r7_test", "r7_other"), "no test r7_other in a.rs"),
        (row.replace("in the test", "`r7_control`"), "no test r7_control in a.rs"),
        (row.replace("`r7_test`", "`r7_test`, `r7_test`"), "stands twice"),
        ("| 7 | what | | not met: | |\n".to_owned(), "requirement 7 has no test"),
    ] {
        let said = said(&table.replace(row, &wrong));
        assert!(said.contains(complaint), "{wrong}: {said}");
    }

    let mut more = tests;
    more.insert("r9_r52_more".to_owned());
    more.insert("test_r3_more".to_owned());
    let said = complaints(&parse(&table), &sources(more));
    assert_eq!(said.len(), 3, "{said:?}");
}
