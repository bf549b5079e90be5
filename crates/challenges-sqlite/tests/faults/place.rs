use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use challenges_core::store::StoreError;
use challenges_core::{Decision, Error};
use tempfile::tempdir;

use super::harness::{Acknowledged, answer, create, error_chain, service, store_error, try_service};

fn beside(path: &Path, suffix: &str) -> PathBuf {
    format!("{}{suffix}", path.display()).into()
}

/// Asserts that neither a right answer, nor a creation, nor a read succeeds, and that the error says why.
async fn assert_refused(challenges: &challenges_core::Challenges, open: &Acknowledged, expected: &str) {
    let refused = store_error(answer(challenges, open.id, open.code.expose()).await);
    assert!(matches!(refused, Error::Store(StoreError::Unavailable(_))), "{refused:?}");
    assert!(error_chain(&refused).contains(expected), "{}", error_chain(&refused));
    assert!(error_chain(&refused).contains("moved, replaced or deleted"), "{}", error_chain(&refused));
    store_error(create(challenges).await.map(drop));
    store_error(challenges.get(open.id).await);
}

/// R57: a database that was moved away takes no commit, and takes commits again once it is back.
#[tokio::test]
async fn moved_database_refuses_until_back() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let challenges = service(&path).await;
    let open = create(&challenges).await.unwrap();
    let away = directory.path().join("away.sqlite");
    fs::rename(&path, &away).unwrap();
    assert_refused(&challenges, &open, "put the file back").await;
    fs::rename(&away, &path).unwrap();
    assert!(
        matches!(answer(&challenges, open.id, open.code.expose()).await, Ok(Decision::Passed(_))),
        "control: the file is back"
    );
}

/// R57: a service on a replaced database accepts nothing that the service on the new file could accept too.
#[tokio::test]
async fn replaced_database_passes_nothing() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let challenges = service(&path).await;
    let open = create(&challenges).await.unwrap();
    let copy = directory.path().join("copy.sqlite");
    rusqlite::Connection::open(&path).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    fs::rename(&copy, &path).unwrap();
    assert_refused(&challenges, &open, "put the file back").await;
    // The advice for a file that stays: SQLite would apply the old log to the new file.
    let advice = format!("remove {0}-wal and {0}-shm", path.display());
    assert_refused(&challenges, &open, &advice).await;
    drop(challenges);
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(&path, suffix));
    }
    let restarted = service(&path).await;
    assert!(matches!(answer(&restarted, open.id, open.code.expose()).await, Ok(Decision::Passed(_))));
}

/// R57: without the log or its index, which hold acknowledged commits and locks, nothing is accepted.
#[tokio::test]
async fn deleted_file_refuses_commits() {
    for suffix in ["", "-wal", "-shm"] {
        let directory = tempdir().unwrap();
        let path = directory.path().join("store.sqlite");
        let challenges = service(&path).await;
        let open = create(&challenges).await.unwrap();
        fs::remove_file(beside(&path, suffix)).unwrap();
        assert_refused(&challenges, &open, &format!("store.sqlite{suffix} was")).await;
    }
}

/// A database behind a symbolic link keeps the log beside the target.
#[cfg(unix)]
#[tokio::test]
async fn symbolic_link_is_followed() {
    let directory = tempdir().unwrap();
    let target = directory.path().join("target.sqlite");
    drop(service(&target).await);
    let link = directory.path().join("link.sqlite");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let challenges = service(&link).await;
    let open = create(&challenges).await.unwrap();
    assert!(matches!(answer(&challenges, open.id, open.code.expose()).await, Ok(Decision::Passed(_))));
    let open = create(&challenges).await.unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(directory.path().join("other.sqlite"), &link).unwrap();
    assert_refused(&challenges, &open, "link.sqlite was").await;
}

/// An old log beside a restored copy corrupts the copy, and the error names the files to remove.
#[tokio::test]
async fn error_names_log_beside_restored_copy() {
    let directory = tempdir().unwrap();
    let (path, backup) = (directory.path().join("store.sqlite"), directory.path().join("backup.sqlite"));
    let challenges = service(&path).await;
    let open = create(&challenges).await.unwrap();
    let host = rusqlite::Connection::open(&path).unwrap();
    host.execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..120 {
        acknowledged.push(create(&challenges).await.unwrap().id);
    }
    // From here on the log refers to pages that the backup does not have.
    host.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    for _ in 0..120 {
        create(&challenges).await.unwrap();
    }

    let restored = directory.path().join("restored.sqlite");
    fs::copy(&backup, &restored).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&restored, "-wal")).unwrap();
    let text = match try_service(&restored).await {
        Err(error) => error.to_string(),
        Ok(Err(error)) => format!("{error}: {:?}", error.source().map(ToString::to_string)),
        Ok(Ok(challenges)) => {
            let mut text = String::new();
            for id in acknowledged {
                if let Err(error @ Error::Store(_)) = challenges.get(id).await {
                    text = error_chain(&error);
                }
            }
            text
        }
    };
    assert!(text.contains("-wal") && text.contains("restore a backup"), "{text}");

    // Control: the copy without the log is sound.
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(&restored, suffix));
    }
    fs::copy(&backup, &restored).unwrap();
    let challenges = service(&restored).await;
    assert!(matches!(answer(&challenges, open.id, open.code.expose()).await, Ok(Decision::Passed(_))));
}
