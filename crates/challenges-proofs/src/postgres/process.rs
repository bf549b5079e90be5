use std::path::{Path, PathBuf};
use std::process::Command;

use crate::servers::{ServerError, is_root, program, run};

/// Returns the command that runs a program without the rights of root.
pub(super) fn unprivileged(name: &'static str) -> Result<Vec<String>, ServerError> {
    let file = program(name)?.to_string_lossy().into_owned();
    if !is_root()? {
        return Ok(vec![file]);
    }
    let as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
    Ok(as_user.map(str::to_owned).into_iter().chain([file]).collect())
}

/// Creates a directory that the unprivileged user owns.
pub(super) fn directory() -> Result<PathBuf, ServerError> {
    // In memory where possible: a killed process loses nothing there, and a sync takes no time.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { directory_in(memory) } else { directory_in(&std::env::temp_dir()) }
}

/// Creates a directory that the unprivileged user owns, in a parent.
pub(super) fn directory_in(parent: &Path) -> Result<PathBuf, ServerError> {
    let directory = tempfile::Builder::new().prefix("postgres-").tempdir_in(parent)?.keep();
    if is_root()? {
        run("chown", Command::new("chown").arg("postgres:postgres").arg(&directory), false)?;
    }
    Ok(directory)
}
