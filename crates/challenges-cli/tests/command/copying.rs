use serde_json::json;

use crate::host::{Host, program};

#[tokio::test]
async fn copy_is_complete_and_repeatable() {
    let host = Host::new().await;
    host.lock("alice").await;
    host.dead_letter("bob").await;
    let target = format!("sqlite:{}", host.path("target.db").display());
    let copy = || host.checked(program().args(["copy", "--json", "--from", &host.store(), "--to", &target]));
    let first = copy();
    assert_eq!(first.code, 0, "{first:?}");
    let written = first.json()["written"].as_u64().unwrap();
    assert!(written > 8 && first.json()["found"] == 0, "{first:?}");
    assert_eq!(copy().json(), json!({ "written": 0, "found": written }));
    let list = ["user", "status", "alice", "--json", "--store", &target, "--key-file", &host.key_file()];
    let status = host.checked(program().args(list)).json();
    assert_eq!(status["locks"][0]["factor"], "code");
}

#[tokio::test]
async fn used_target_is_left_unchanged() {
    let (host, other) = (Host::new().await, Host::new().await);
    other.lock("bob").await;
    let output = host.checked(program().args(["copy", "--json", "--from", &host.store(), "--to", &other.store()]));
    assert_eq!((output.code, output.error().0.as_str()), (1, "problem"), "{output:?}");
    assert_eq!(other.run(&["user", "status", "bob"]).code, 0);
    let same = host.checked(program().args(["copy", "--json", "--from", &host.store(), "--to", &host.store()]));
    assert_eq!((same.code, same.error().0.as_str()), (2, "usage"));
}
