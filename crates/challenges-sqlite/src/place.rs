use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::fault::PlaceFault;

/// The longest time between two checks before reads. Every commit is checked.
const BETWEEN_READS: Duration = Duration::from_millis(100);

/// The files of an open database, and whether the path still leads to them.
///
/// SQLite keeps writing to a file that was renamed, replaced or deleted, and commits are then lost. A check takes a
/// system call per file.
#[derive(Debug)]
pub(crate) struct Place {
    database: File,
    /// The log and the index of the log. Both exist for as long as any process has the database open.
    beside: Vec<File>,
    start: Instant,
    /// The time of the last check before a read, in milliseconds after `start`.
    checked: AtomicU64,
    /// Set by a failed check, so that the next read checks at once.
    in_doubt: AtomicBool,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    /// `None` where the system does not tell files apart. Such a file is never reported.
    identity: Option<(u64, u64)>,
}

impl Place {
    /// Notes the file at `path`. Call this before SQLite opens the file.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            database: File::at(path.to_owned())?,
            beside: Vec::new(),
            start: Instant::now(),
            checked: AtomicU64::new(0),
            in_doubt: AtomicBool::new(false),
        })
    }

    /// Notes the log and its index. Call this while SQLite has the log open.
    pub(crate) fn note_log(&mut self) -> io::Result<()> {
        // SQLite puts the files beside the target of a symbolic link.
        let target = self.database.path.canonicalize()?;
        self.beside =
            ["-wal", "-shm"].into_iter().map(|suffix| File::at(beside(&target, suffix))).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Checks all files, before a transaction.
    pub(crate) fn check(&self) -> Result<(), PlaceFault> {
        self.check_database()?;
        match self.beside.iter().find(|file| !file.is_in_place()) {
            Some(file) => Err(self.fail(PlaceFault::Log(file.path.clone()))),
            None => Ok(()),
        }
    }

    /// Checks the database file, after a transaction and before its acknowledgement.
    pub(crate) fn check_database(&self) -> Result<(), PlaceFault> {
        if self.database.is_in_place() {
            return Ok(());
        }
        Err(self.fail(PlaceFault::Database(self.database.path.clone())))
    }

    /// Checks all files before a read, unless checked recently.
    pub(crate) fn check_for_read(&self) -> Result<(), PlaceFault> {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let is_recent =
            u128::from(now.saturating_sub(self.checked.load(Ordering::Relaxed))) < BETWEEN_READS.as_millis();
        if is_recent && !self.in_doubt.load(Ordering::Acquire) {
            return Ok(());
        }
        self.check()?;
        self.in_doubt.store(false, Ordering::Release);
        self.checked.store(now, Ordering::Relaxed);
        Ok(())
    }

    fn fail(&self, fault: PlaceFault) -> PlaceFault {
        self.in_doubt.store(true, Ordering::Release);
        fault
    }
}

impl File {
    fn at(path: PathBuf) -> io::Result<Self> {
        let identity = identity(&path)?;
        Ok(Self { path, identity })
    }

    fn is_in_place(&self) -> bool {
        self.identity.is_none() || identity(&self.path).is_ok_and(|found| found == self.identity)
    }
}

/// Returns the path of a file that SQLite keeps beside the database.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Returns the device and the number of a file.
#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    use std::os::unix::fs::MetadataExt as _;

    #[cfg(target_os = "linux")]
    if let Ok(identity) = identity_without_times(path) {
        return Ok(Some(identity));
    }
    let metadata = std::fs::metadata(path)?;
    Ok(Some((metadata.dev(), metadata.ino())))
}

/// Returns the device and the number of a file, without asking for times. Needs Linux 4.11.
///
/// Since Linux 6.13, a file whose times were asked for gets a new time with the next write, and the next disk sync has to
/// store this time too, which takes half as long again.
#[cfg(target_os = "linux")]
fn identity_without_times(path: &Path) -> rustix::io::Result<(u64, u64)> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};

    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::INO)?;
    Ok((makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino))
}

/// Windows refuses to move or delete an open database.
#[cfg(not(unix))]
fn identity(_: &Path) -> io::Result<Option<(u64, u64)>> {
    Ok(None)
}
