use std::path::Path;

use challenges_core::KeyRing;
use challenges_sqlite::SqliteStore;

use crate::host::{Host, output, program, write_keys};

/// R69: a missing file is refused and not created, by every command that needs a store.
#[tokio::test]
async fn missing_store_is_refused_and_not_created() {
    let host = Host::new().await;
    let path = host.path("missing.db");
    let store = format!("sqlite:{}", path.display());
    for command in [
        &["doctor"][..],
        &["schema", "migrate"],
        &["schema", "verify"],
        &["keys", "list"],
        &["keys", "reseal"],
        &["user", "status", "alice"],
        &["user", "erase", "alice", "--yes"],
        &["user", "reset", "alice", "--who", "eve", "--why", "case 1", "--yes"],
        &["import", "--dry-run", "-"],
        &["outbox", "list"],
        &["copy", "--from", &store, "--to", &host.store()],
    ] {
        let mut program = program();
        let output = host.checked(program.args(command).args(["--store", &store, "--key-file", &host.key_file()]));
        assert_eq!(output.code, 3, "{command:?}: {output:?}");
        let text = format!("{}{}", output.stdout, output.stderr);
        assert!(text.contains("there is no store at") && text.contains("missing.db"), "{command:?}: {text}");
        assert!(!path.exists(), "{command:?}");
    }
}

/// R69: a store without records is refused, and stays without records.
#[tokio::test]
async fn empty_store_is_refused() {
    let host = Host::new().await;
    drop(SqliteStore::open(host.path("empty.db")).unwrap());
    let store = format!("sqlite:{}", host.path("empty.db").display());
    for command in [&["user", "status", "alice"][..], &["user", "status", "alice"]] {
        let output = output(program().args(command).args(["--store", &store, "--key-file", &host.key_file()]));
        assert_eq!(output.code, 3);
        assert!(output.stderr.contains("the store is empty") && !output.stderr.contains("Builder"), "{output:?}");
    }
}

#[tokio::test]
async fn missing_key_file_is_refused_and_not_created() {
    let host = Host::new().await;
    let missing = host.path("no-keys");
    let mut program = program();
    let output =
        output(program.args(["user", "status", "alice", "--store", &host.store(), "--key-file"]).arg(&missing));
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("there is no key file"), "{output:?}");
    assert!(!missing.exists());
}

#[tokio::test]
async fn key_ring_is_read_from_the_environment() {
    let host = Host::new().await;
    let text = std::fs::read_to_string(host.path("keys")).unwrap();
    let ring = text.lines().find(|line| line.starts_with('*')).unwrap();
    let status = ["user", "status", "alice", "--json", "--store", &host.store()];
    assert_eq!(host.checked(program().args(status).env("CHALLENGES_KEYS", ring)).code, 0);
    for broken in ["", "*k1:canary-key", "canary-key"] {
        host.hide("canary-key");
        let output = host.checked(program().args(status).env("CHALLENGES_KEYS", broken));
        assert_eq!((output.code, output.error().0.as_str()), (3, "unavailable"), "{output:?}");
    }
    assert_eq!(host.checked(program().args(status)).code, 3, "not set");
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let run = |arguments: &[&str]| output(program().arg("--json").args(arguments));
    assert_eq!(run(&[]).code, 2);
    assert_eq!(run(&["unknown"]).code, 2);
    assert_eq!(run(&["user", "status"]).code, 2);
    assert_eq!(run(&["doctor"]).error().0, "usage", "no store");
    assert_eq!(run(&["doctor", "--store", "memory"]).code, 2);
    assert_eq!(run(&["user", "status", "a\nb", "--store", "sqlite:x"]).code, 2);
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("Exit codes: 0 done"));
}

/// R26: a password is neither accepted on the command line nor repeated.
#[test]
fn url_on_the_command_line_is_refused() {
    for url in ["postgres://app:canary@db.example/app", "redis://:canary@db.example"] {
        for arguments in [&["doctor", "--store", url][..], &["copy", "--from", url, "--to", "sqlite:x"]] {
            for output in [output(program().args(arguments)), output(program().arg("--json").args(arguments))] {
                assert_eq!(output.code, 2);
                assert!(!format!("{output:?}").contains("canary"), "{output:?}");
            }
        }
        let help = output(program().arg("--help").env("CHALLENGES_STORE", url));
        assert!(!help.stdout.contains("canary"));
    }
}

#[test]
fn files_of_other_users_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    write_keys(&keys, &KeyRing::generate().unwrap().to_text());
    let list = |path: &Path| output(program().args(["keys", "list", "--json", "--key-file"]).arg(path));
    assert_eq!(list(&keys).code, 0, "control");
    #[cfg(unix)]
    {
        std::fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        assert!(list(&keys).error().1.contains("chmod 600"));
    }
}
