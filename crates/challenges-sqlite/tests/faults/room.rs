use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use challenges_core::store::StoreError;
use challenges_core::{Answered, Error, State};
use tempfile::tempdir;

use super::harness::{Acknowledged, answer, create, fault, is_full, service, told};

const DIRECTORY: &str = "CHALLENGES_SQLITE_FAULTS_DIRECTORY";
/// What is left when the fault begins, for some commits more.
const ROOM: u64 = 100_000;
/// What a child prints when it has seen what it is there for.
const SHOWN: &str = "shown:";

/// Creates until that fails, answers what cannot be answered now, ends the cause, and looks at what is left.
async fn creates_until_it_fails(path: &Path, begin: impl FnOnce(), end: impl FnOnce(), expected: fn(&Error) -> bool) {
    let challenges = service(path).await;
    let mut acknowledged = vec![create(&challenges).await.unwrap()];
    begin();
    let error = loop {
        match create(&challenges).await {
            Ok(challenge) => acknowledged.push(challenge),
            Err(error) => break fault(Err::<(), _>(error)),
        }
        assert!(acknowledged.len() < 10_000, "the fault does not come");
    };
    assert!(expected(&error), "{error:?}");
    assert!(told(&error).contains("space"), "what to do is not said: {}", told(&error));

    let Acknowledged { id, code } = &acknowledged[0];
    fault(answer(&challenges, *id, code.expose()).await);
    fault(answer(&challenges, *id, "wrong").await);
    let stored = challenges.challenge(*id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 0));

    end();
    assert!(matches!(answer(&challenges, *id, code.expose()).await, Ok(Answered::Passed(_))), "it does not recover");
    assert!(matches!(answer(&challenges, *id, code.expose()).await, Err(Error::AnswerRefused)));
    drop(challenges);
    let again = service(path).await;
    assert_eq!(again.challenge(*id).await.unwrap().state(), State::ChallengePassed);
    for Acknowledged { id, code } in &acknowledged[1..] {
        assert!(matches!(answer(&again, *id, code.expose()).await, Ok(Answered::Passed(_))), "it was acknowledged");
    }
    println!("{SHOWN} {} challenges were acknowledged, all are there; then: {}", acknowledged.len(), told(&error));
}

/// Runs a test of this file in a process of its own; `None` where the system does not let that be set up.
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
        Some(line) => println!("r57 {test}: {line}"),
        None => println!("r57 {test}: nothing is shown, since this system does not let it be set up"),
    }
}

/// A file system of one megabyte, in a mount namespace of the child, which takes it along.
#[test]
fn r57_a_full_disk_refuses_with_advice_and_the_service_goes_on_when_there_is_room() {
    let directory = tempdir().unwrap();
    let script = format!("mount -t tmpfs -o size=1m none '{}' && exec \"$0\" \"$@\"", directory.path().display());
    let unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &script];
    report("full disk", in_a_child(&unshare, "room::on_a_small_disk", directory.path()));
}

#[tokio::test]
async fn on_a_small_disk() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let directory = Path::new(&directory);
    let other = directory.join("other");
    let fill = || {
        let mut file = File::create(&other).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        file.set_len(file.metadata().unwrap().len().saturating_sub(ROOM)).unwrap();
    };
    let path = directory.join("store.sqlite");
    creates_until_it_fails(&path, fill, || fs::remove_file(&other).unwrap(), is_full).await;
}

/// The limit of the system on the size of files: the write fails, and it is not for lack of room.
#[test]
fn r57_a_disk_that_fails_to_write_refuses_with_advice_and_the_service_goes_on_when_it_writes_again() {
    let directory = tempdir().unwrap();
    // Without the trap the system ends a process that goes beyond the limit.
    let shell = ["sh", "-c", "trap '' XFSZ; command -v prlimit >/dev/null && exec \"$0\" \"$@\""];
    report("failing disk", in_a_child(&shell, "room::on_a_disk_that_fails", directory.path()));
}

#[tokio::test]
async fn on_a_disk_that_fails() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let path = Path::new(&directory).join("store.sqlite");
    let limit = |size: &str| {
        let mut command = Command::new("prlimit");
        command.args(["--pid", &std::process::id().to_string(), &format!("--fsize={size}:")]);
        assert!(command.status().unwrap().success());
    };
    let log = path.with_extension("sqlite-wal");
    let no_more = || limit(&(fs::metadata(&log).unwrap().len() + ROOM).to_string());
    let failed =
        |error: &Error| matches!(error, Error::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)));
    creates_until_it_fails(&path, no_more, || limit("unlimited"), failed).await;
}
