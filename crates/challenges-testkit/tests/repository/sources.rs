use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where tests stand.
const DIRECTORIES: [&str; 5] = ["crates", "examples", "benches", "fuzz", "tests"];

/// Where the names of the conformance tests stand, which a macro makes.
const CONFORMANCE: &str = "crates/challenges-testkit/src/conformance.rs";

/// What is no function, and can be named as a test all the same, and how it stands in a source.
const MARKS: [(&str, &str); 3] = [
    ("compile_fail", "```compile_fail"),
    ("assert_not_impl_any!", "assert_not_impl_any!("),
    ("fuzz_target!", "fuzz_target!("),
];

/// The root of the repository, or `None` in a crate that was packaged without it.
pub(crate) fn root() -> Option<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).join("../..");
    if root.join(".github/REQUIREMENTS.md").is_file() {
        return Some(root);
    }
    println!("left out: this is not the repository, so there is nothing to hold its tables against");
    None
}

/// The tests of each file, by its path from the root.
#[derive(Debug, Default)]
pub(crate) struct Sources(pub(crate) BTreeMap<String, BTreeSet<String>>);

impl Sources {
    pub(crate) fn read(root: &Path) -> Self {
        let conformance = fs::read_to_string(root.join(CONFORMANCE)).unwrap();
        let conformance: BTreeSet<_> = conformance.lines().filter_map(conformance_test).collect();
        let mut paths = Vec::new();
        for directory in DIRECTORIES {
            walk(&root.join(directory), &mut paths);
        }
        let tests = paths.into_iter().map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let mut tests = if path.extension().is_some_and(|kind| kind == "py") { python(&text) } else { rust(&text) };
            let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.contains("/tests/") && text.contains("challenges_testkit::conformance_tests! {") {
                tests.extend(conformance.iter().cloned());
            }
            (path, tests)
        });
        Self(tests.collect())
    }
}

fn walk(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                walk(&path, paths);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "py") {
            paths.push(path);
        }
    }
}

fn conformance_test(line: &str) -> Option<String> {
    let (name, case) = line.trim().strip_suffix(',')?.split_once(' ')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_case =
        case.starts_with(|first: char| first.is_ascii_uppercase()) && case.bytes().all(|b| b.is_ascii_alphabetic());
    (is_name && is_case).then(|| name.to_owned())
}

/// The functions that have the attribute of a test, and the marks that stand in the text.
fn rust(text: &str) -> BTreeSet<String> {
    let marks = MARKS.iter().filter(|(_, mark)| text.contains(mark)).map(|(name, _)| (*name).to_owned());
    let mut tests: BTreeSet<_> = marks.collect();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let name = attribute.split(['(', ']']).next().unwrap_or_default();
            is_test |= name == "test" || name.ends_with("::test");
        }
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some((name, _)) = function.and_then(|function| function.split_once('('))
            && std::mem::take(&mut is_test)
        {
            tests.insert(name.to_owned());
        }
    }
    tests
}

fn python(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("def ")?.split_once('('));
    names.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("test_")).collect()
}

#[test]
fn tests_are_found_and_nothing_else_is() {
    let text = "
#[test]
fn one() {}
#[tokio::test(flavor = \"multi_thread\")]
#[cfg(unix)]
async fn two() {}
fn three() {}
#[derive(Debug)]
fn four() {}
";
    assert_eq!(rust(text), ["one", "two"].map(String::from).into());
    assert_eq!(rust("/// ```compile_fail,E0451"), ["compile_fail".to_owned()].into());
    assert_eq!(python("def test_one(a):\n    pass\ndef other():\n"), ["test_one".to_owned()].into());
    assert_eq!(conformance_test("    one_winner OneWinner,").as_deref(), Some("one_winner"));
    assert_eq!(conformance_test("    let a = b,"), None);
}
