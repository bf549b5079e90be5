//! Errors from opening a file. A file that is not ours stays unchanged.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

use challenges_sqlite::{Drift, OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

fn directory() -> TempDir {
    tempdir().unwrap()
}

fn error(path: impl AsRef<Path>) -> OpenError {
    SqliteStore::open(path).map(drop).unwrap_err()
}

#[test]
fn missing_file_is_created_unless_disabled() {
    let directory = directory();
    let path = directory.path().join("new.sqlite");
    let existing = SqliteOptions::new().create_if_missing(false);
    assert!(matches!(existing.open(&path), Err(OpenError::Missing(missing)) if missing == path));
    assert!(!path.exists());
    drop(SqliteStore::open(&path).unwrap());
    assert!(existing.open(&path).is_ok());
}

#[test]
fn pending_schema_is_refused_without_migration() {
    let directory = directory();
    let path = directory.path().join("store.sqlite");
    let unmigrated = SqliteOptions::new().create_if_missing(false).migrate(false);
    fs::write(&path, "").unwrap();
    let pending = OpenError::NotMigrated { found: 0, needed: 2 }.to_string();
    assert_eq!(unmigrated.open(&path).unwrap_err().to_string(), pending);
    assert_eq!(fs::read(&path).unwrap(), b"", "the file is unchanged");

    Connection::open(&path).unwrap().execute_batch(&SqliteOptions::new().sql()).unwrap();
    assert_eq!(unmigrated.open(&path).unwrap().verify().unwrap(), []);
}

#[test]
fn verify_names_changed_objects() {
    let directory = directory();
    let path = directory.path().join("store.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    let host = Connection::open(&path).unwrap();
    host.execute_batch("CREATE TABLE of_the_host (id INTEGER); CREATE INDEX host_by_id ON of_the_host (id)").unwrap();
    assert_eq!(store.verify().unwrap(), []);
    host.execute_batch("DROP INDEX records_by_due; DROP INDEX records_by_expires;").unwrap();
    host.execute_batch("CREATE INDEX records_by_due ON records (due)").unwrap();
    let [changed, missing] = ["index records_by_due", "index records_by_expires"].map(str::to_owned);
    assert_eq!(store.verify().unwrap(), [Drift::Changed(changed), Drift::Missing(missing)]);
}

/// R61: what somebody with write access left behind copies, changes, restores or refuses later records.
#[test]
fn verify_reports_what_runs_on_records() {
    let directory = directory();
    let path = directory.path().join("store.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    let host = Connection::open(&path).unwrap();
    let on = |table: &str, name: &str| format!("CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN SELECT 1; END;");
    host.execute_batch("CREATE TABLE of_the_host (a INTEGER)").unwrap();
    host.execute_batch(&on("of_the_host", "own")).unwrap();
    assert_eq!(store.verify().unwrap(), [], "control: the host's own table");
    host.execute_batch("CREATE TABLE of_another (a REFERENCES of_the_host (a)); CREATE VIEW v AS SELECT 1").unwrap();
    assert_eq!(store.verify().unwrap(), [], "control: a foreign key to the host's own table");
    let restores = "CREATE TABLE Restores (kind, owner, id,
                        FOREIGN KEY (kind, owner, id) REFERENCES RECORDS (kind, owner, id) ON DELETE CASCADE);";
    for (made, object) in [
        (&*on("Records", "copies"), "trigger copies"),
        ("CREATE UNIQUE INDEX refuses ON records (kind) WHERE kind = 1", "index refuses"),
        (restores, "table Restores"),
    ] {
        host.execute_batch(made).unwrap();
        assert_eq!(store.verify().unwrap(), [Drift::Foreign(object.to_owned())], "{made}");
        host.execute_batch(&format!("DROP {object}")).unwrap();
        assert_eq!(store.verify().unwrap(), [], "{made}");
    }
}

/// R61: SQLite compares the types of objects without case, so a rewritten schema hides nothing.
#[test]
fn capitals_in_the_schema_hide_nothing() {
    let directory = directory();
    let path = directory.path().join("store.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    let host = Connection::open(&path).unwrap();
    let writer = "CREATE TABLE evil (k INTEGER, o INTEGER, i TEXT,
            FOREIGN KEY (k, o, i) REFERENCES records (kind, owner, id) ON DELETE CASCADE);
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET type = 'TABLE' WHERE name = 'evil';
        PRAGMA writable_schema = RESET;";
    host.execute_batch(writer).unwrap();
    let row = "INSERT INTO records (kind, id, owner, version, body) VALUES (1, 'a', 2, x'03', x'04');
        INSERT INTO evil VALUES (1, 2, 'a'); DELETE FROM records";
    host.execute_batch(row).unwrap();
    let left: i64 = host.query_row("SELECT count(*) FROM evil", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "control: the foreign key acts");
    assert_eq!(store.verify().unwrap(), [Drift::Foreign("TABLE evil".to_owned())]);
}

/// R61: why a foreign key counts: the trigger of another table puts a deleted record back.
#[test]
fn control_foreign_key_restores_deleted_record() {
    let directory = directory();
    let path = directory.path().join("store.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let host = Connection::open(&path).unwrap();
    let writer = "
        INSERT INTO records (kind, id, owner, version, body) VALUES (1, 'a', 2, x'03', x'04');
        CREATE TABLE evil (kind INTEGER, owner INTEGER, id TEXT,
            FOREIGN KEY (kind, owner, id) REFERENCES records (kind, owner, id) ON DELETE CASCADE);
        INSERT INTO evil SELECT kind, owner, id FROM records;
        CREATE TRIGGER back AFTER DELETE ON evil BEGIN
            INSERT INTO records (kind, id, owner, version, body) VALUES (old.kind, old.id, old.owner, x'03', x'04');
        END;";
    host.execute_batch(writer).unwrap();
    host.execute_batch("DELETE FROM records").unwrap();
    let left: i64 = host.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[test]
fn maximal_timeout_and_queue_are_capped() {
    let directory = directory();
    let options = SqliteOptions::new().busy_timeout(Duration::MAX).queue(NonZeroUsize::MAX);
    assert!(options.open(directory.path().join("store.sqlite")).is_ok());
}

#[test]
fn empty_file_becomes_a_database() {
    let directory = directory();
    let path = directory.path().join("empty.sqlite");
    fs::write(&path, "").unwrap();
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn special_sqlite_names_are_plain_files() {
    let directory = directory();
    let path = directory.path().join(":memory:");
    drop(SqliteStore::open(&path).unwrap());
    assert!(path.metadata().unwrap().len() > 0);
}

#[test]
fn missing_directory_is_reported() {
    let directory = directory();
    let path = directory.path().join("no/such/store.sqlite");
    let error = error(&path);
    assert!(matches!(&error, OpenError::MissingDirectory(_)), "{error:?}");
    assert!(error.to_string().contains("no/such/store.sqlite"));
    assert!(matches!(self::error(directory.path()), OpenError::Inaccessible { .. }));
}

#[test]
fn foreign_file_is_refused_and_unchanged() {
    let directory = directory();
    let text = directory.path().join("text");
    fs::write(&text, "this is no database, but long enough to look at as one: ".repeat(100)).unwrap();
    let other = directory.path().join("other.sqlite");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE records (id)").unwrap();
    let marked = directory.path().join("marked.sqlite");
    Connection::open(&marked).unwrap().execute_batch("PRAGMA application_id = 7").unwrap();
    let versioned = directory.path().join("versioned.sqlite");
    Connection::open(&versioned).unwrap().execute_batch("PRAGMA user_version = 1").unwrap();
    for path in [text, other, marked, versioned] {
        let before = fs::read(&path).unwrap();
        let error = error(&path);
        assert!(matches!(&error, OpenError::Foreign(foreign) if *foreign == path), "{error:?}");
        assert_eq!(fs::read(&path).unwrap(), before, "{path:?}");
    }
}

#[test]
fn newer_schema_is_refused_and_unchanged() {
    let directory = directory();
    let path = directory.path().join("newer.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let before = fs::read(&path).unwrap();
    let error = error(&path);
    assert!(matches!(error, OpenError::NewerSchema { found: 99, supported: 2 }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the database has schema 99, but this release supports schemas up to 2; upgrade this program"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn full_disk_is_reported() {
    let directory = directory();
    let path = directory.path().join("full.sqlite");
    let one_page = SqliteOptions::new().max_pages(NonZeroU32::MIN);
    assert!(matches!(one_page.open(&path), Err(OpenError::Full(_))));
    // The failed open left a usable file.
    assert!(SqliteStore::open(&path).is_ok());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;

    const PATH: &str = "CHALLENGES_SQLITE_READ_ONLY_PATH";
    const NOBODY: u32 = 65_534;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn new_database_has_mode_0600() {
        let directory = directory();
        let path = directory.path().join("new.sqlite");
        let _store = SqliteStore::open(&path).unwrap();
        for suffix in ["", "-wal", "-shm"] {
            let mode = fs::metadata(format!("{}{suffix}", path.display())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{suffix}");
        }
    }

    /// Root may write regardless of the mode, so the check runs in a child process as nobody.
    #[test]
    fn read_only_file_is_reported() {
        let directory = directory();
        let path = directory.path().join("read-only.sqlite");
        drop(SqliteStore::open(&path).unwrap());
        set_mode(directory.path(), 0o755);
        set_mode(&path, 0o444);
        // Writable, but the directory does not permit a log file.
        let beside = directory.path().join("beside.sqlite");
        drop(SqliteStore::open(&beside).unwrap());
        set_mode(&beside, 0o666);
        let mut test = std::env::current_exe().unwrap();
        let may_write_anyway = fs::OpenOptions::new().write(true).open(&path).is_ok();
        if may_write_anyway {
            let copy = directory.path().join("test");
            fs::copy(&test, &copy).unwrap();
            set_mode(&copy, 0o755);
            test = copy;
        }
        let mut child = Command::new(test);
        child.args(["--exact", "unix::child_without_write_permission", "--nocapture"]).env(PATH, &path);
        if may_write_anyway {
            child.uid(NOBODY).gid(NOBODY).current_dir(directory.path());
        }
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("refused as read-only"), "the child checked nothing");
    }

    #[test]
    fn child_without_write_permission() {
        let Ok(path) = std::env::var(PATH) else { return };
        let error = error(&path);
        assert!(matches!(error, OpenError::ReadOnly(_)), "{error:?}");
        let error = super::error(Path::new(&path).with_file_name("beside.sqlite"));
        assert!(matches!(error, OpenError::Inaccessible { .. } | OpenError::ReadOnly(_)), "{error:?}");
        let error = super::error(Path::new(&path).with_file_name("new.sqlite"));
        if matches!(error, OpenError::ReadOnly(_)) {
            println!("refused as read-only");
        } else {
            panic!("{error:?}");
        }
    }
}
