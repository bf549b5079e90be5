use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use challenges_core::store::StoreError;
use challenges_core::{Decision, Error, State};
use tempfile::tempdir;

use super::harness::{Acknowledged, answer, create, error_chain, is_full, service, store_error};

const DIRECTORY: &str = "CHALLENGES_SQLITE_FAULTS_DIRECTORY";
/// Bytes left when the fault begins, enough for a few more commits.
const ROOM: u64 = 100_000;
/// The start of the line that a child prints on success.
const SHOWN: &str = "shown:";

/// Creates challenges until a commit fails, answers during the fault, ends the fault, and checks what is left.
///
/// `begin` leaves a number of bytes.
async fn creates_until_it_fails(path: &Path, begin: impl Fn(u64), end: impl FnOnce(), expected: fn(&Error) -> bool) {
    let challenges = service(path).await;
    let mut acknowledged = vec![create(&challenges).await.unwrap()];
    begin(ROOM);
    let log = path.with_extension("sqlite-wal");
    let mut length = fs::metadata(&log).unwrap().len();
    let error = loop {
        match create(&challenges).await {
            Ok(challenge) => acknowledged.push(challenge),
            Err(error) => break store_error(Err::<(), _>(error)),
        }
        length = fs::metadata(&log).unwrap().len();
        assert!(acknowledged.len() < 10_000, "the fault never occurred");
    };
    // The failed commit left pages at the end of the log, where a smaller commit would fit.
    File::options().write(true).open(&log).unwrap().set_len(length).unwrap();
    begin(0);
    assert!(expected(&error), "{error:?}");
    assert!(error_chain(&error).contains("space"), "the error gives no advice: {}", error_chain(&error));

    let Acknowledged { id, code } = &acknowledged[0];
    store_error(answer(&challenges, *id, code.expose()).await);
    store_error(answer(&challenges, *id, "wrong").await);
    let stored = challenges.get(*id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 0));

    end();
    assert!(
        matches!(answer(&challenges, *id, code.expose()).await, Ok(Decision::Passed(_))),
        "the service does not recover"
    );
    assert!(matches!(answer(&challenges, *id, code.expose()).await, Err(Error::AnswerRefused)));
    drop(challenges);
    let again = service(path).await;
    assert_eq!(again.get(*id).await.unwrap().state(), State::ChallengePassed);
    for Acknowledged { id, code } in &acknowledged[1..] {
        assert!(
            matches!(answer(&again, *id, code.expose()).await, Ok(Decision::Passed(_))),
            "an acknowledged challenge was lost"
        );
    }
    println!(
        "{SHOWN} all {} acknowledged challenges are present; the error was: {}",
        acknowledged.len(),
        error_chain(&error)
    );
}

/// Runs a test of this file in a child process. Returns `None` if the system does not permit the setup.
fn in_a_child(command: &[&str], test: &str, directory: &Path) -> Option<String> {
    let mut child = Command::new(command[0]);
    child.args(&command[1..]).arg(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(DIRECTORY, directory);
    let output = child.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.contains("running 1 test") {
        return None;
    }
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    Some(text.lines().find(|line| line.contains(SHOWN)).unwrap().to_owned())
}

fn report(test: &str, shown: Option<String>) {
    match shown {
        Some(line) => println!("{test}: {line}"),
        None => println!("{test}: skipped, because this system does not permit the setup"),
    }
}

/// R57: a full disk refuses commits with advice, and the service recovers when there is space.
///
/// Uses a 1 MB file system in a mount namespace of the child.
#[test]
fn full_disk_refuses_and_recovers() {
    let directory = tempdir().unwrap();
    let script = format!("mount -t tmpfs -o size=1m none '{}' && exec \"$0\" \"$@\"", directory.path().display());
    let unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &script];
    report("full disk", in_a_child(&unshare, "room::child_on_full_disk", directory.path()));
}

#[tokio::test]
async fn child_on_full_disk() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let directory = Path::new(&directory);
    let other = directory.join("other");
    let fill = |room: u64| {
        let mut file = File::create(&other).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        file.set_len(file.metadata().unwrap().len().saturating_sub(room)).unwrap();
    };
    let path = directory.join("store.sqlite");
    creates_until_it_fails(&path, fill, || fs::remove_file(&other).unwrap(), is_full).await;
}

/// R57: a failing disk refuses commits with advice, and the service recovers when writes succeed again.
///
/// Uses the file size limit of the process, which fails writes with an error other than "disk full".
#[test]
fn failing_disk_refuses_and_recovers() {
    let directory = tempdir().unwrap();
    // By default, SIGXFSZ kills a process that exceeds the limit.
    let shell = ["sh", "-c", "trap '' XFSZ; command -v prlimit >/dev/null && exec \"$0\" \"$@\""];
    report("failing disk", in_a_child(&shell, "room::child_on_failing_disk", directory.path()));
}

#[tokio::test]
async fn child_on_failing_disk() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let path = Path::new(&directory).join("store.sqlite");
    let limit = |size: &str| {
        let mut command = Command::new("prlimit");
        command.args(["--pid", &std::process::id().to_string(), &format!("--fsize={size}:")]);
        assert!(command.status().unwrap().success());
    };
    let log = path.with_extension("sqlite-wal");
    let no_more = |room: u64| limit(&(fs::metadata(&log).unwrap().len() + room).to_string());
    let failed =
        |error: &Error| matches!(error, Error::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)));
    creates_until_it_fails(&path, no_more, || limit("unlimited"), failed).await;
}
