//! What every crate of the repository is held to by its manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::sources::root;

/// What no library code may do.
const LINTS: [&str; 6] = ["expect_used", "indexing_slicing", "panic", "todo", "unimplemented", "unwrap_used"];

/// What Cargo says of the crates of the repository.
pub(crate) fn packages(root: &Path) -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut metadata = Command::new(cargo);
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root);
    let output = metadata.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 10);
    packages
}

pub(crate) fn is_published(package: &Value) -> bool {
    package["publish"].is_null()
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|kind| kind == "rs")).collect()
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

/// The lints that a source switches off.
fn switched_off(text: &str) -> Vec<&'static str> {
    let attributes = text.lines().filter(|line| line.contains("allow(") || line.contains("expect("));
    let text: String = attributes.collect();
    LINTS.into_iter().filter(|lint| text.contains(&format!("clippy::{lint}"))).collect()
}

/// The lints against panics hold everywhere, and library code switches none of them off. The kit for tests may: what it
/// finds, it reports by a panic.
#[test]
fn r58_no_library_code_panics_by_its_own_hand() {
    let Some(root) = root() else { return };
    let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for lint in LINTS {
        assert!(workspace.contains(&format!("\n{lint} = \"warn\"\n")), "{lint}");
    }
    let mut looked_at = 0;
    for package in packages(&root) {
        let name = package["name"].as_str().unwrap();
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        assert!(fs::read_to_string(manifest).unwrap().contains("[lints]\nworkspace = true"), "{name}");
        if !is_published(&package) || name == "challenges-testkit" {
            continue;
        }
        for path in sources(&manifest.with_file_name("src")).into_iter().filter(|path| !is_test(path)) {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(switched_off(&text), [""; 0], "{}", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn r58_control_a_lint_that_is_switched_off_is_seen() {
    assert_eq!(switched_off("#[allow(clippy::unwrap_used, clippy::panic)]"), ["panic", "unwrap_used"]);
    assert_eq!(switched_off("    #[expect(clippy::indexing_slicing, reason = \"none\")]"), ["indexing_slicing"]);
    assert_eq!(switched_off("// clippy::panic"), [""; 0]);
}
