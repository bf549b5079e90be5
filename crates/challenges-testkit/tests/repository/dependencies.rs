//! The table of dependencies: every direct one of every published crate, with the features that it is built with.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::manifests::{is_published, packages};
use crate::sources::root;
use crate::table::{names, rows};

/// Of each crate and dependency, the features, in order.
type Features = BTreeMap<(String, String), Vec<String>>;

fn manifests(packages: &[Value]) -> Features {
    let mut all = Features::new();
    for package in packages.iter().filter(|package| is_published(package)) {
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|one| one["kind"] != "dev") {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let mut features: Vec<_> = dependency["features"].as_array().unwrap().iter().map(text).collect();
            if dependency["uses_default_features"] == true {
                features.push("default".to_owned());
            }
            features.sort();
            features.dedup();
            all.entry((text(&package["name"]), text(&dependency["name"]))).or_default().extend(features);
        }
    }
    all
}

fn complaints(table: &str, manifests: &Features) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut listed = Features::new();
    let mut of = String::new();
    for cells in rows(table) {
        let [name, dependency, features, reason] = &cells[..] else { panic!("four cells: {cells:?}") };
        if !name.is_empty() {
            of = names(name).concat();
        }
        let dependency = names(dependency).concat();
        if reason.is_empty() {
            complaints.push(format!("{of} needs {dependency}, and the table does not say why"));
        }
        listed.insert((of.clone(), dependency), names(features));
    }
    for (key @ (of, dependency), features) in manifests {
        match listed.get(key) {
            None => complaints.push(format!("{of} needs {dependency}, which is not in the table: {features:?}")),
            Some(said) if said != features => {
                complaints.push(format!("{of} needs {dependency} with {features:?}, and the table says {said:?}"));
            }
            Some(_) => {}
        }
    }
    let gone = listed.keys().filter(|key| !manifests.contains_key(key));
    complaints.extend(gone.map(|(of, dependency)| format!("{of} does not need {dependency}")));
    complaints
}

#[test]
fn r60_the_table_of_dependencies_is_true() {
    let Some(root) = root() else { return };
    let table = fs::read_to_string(root.join(".github/DEPENDENCIES.md")).unwrap();
    let complaints = complaints(&table, &manifests(&packages(&root)));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn r60_control_what_is_not_true_of_the_table_is_found() {
    let manifests = Features::from([(("a".to_owned(), "b".to_owned()), vec!["default".to_owned()])]);
    let said = |row: &str| complaints(&format!("| c | d | f | r |\n| - | --- | - | - |\n{row}"), &manifests).join("\n");
    assert_eq!(said("| `a` | `b` | `default` | a reason |"), "");
    for (row, complaint) in [
        ("", "is not in the table"),
        ("| `a` | `b` | `default` | |", "does not say why"),
        ("| `a` | `b` | `default`, `std` | a reason |", "the table says"),
        ("| `a` | `b` | `default` | a reason |\n| | `c` | | a reason |", "a does not need c"),
    ] {
        assert!(said(row).contains(complaint), "{row}: {}", said(row));
    }
}
