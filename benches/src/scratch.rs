//! The temporary directory of a run.

use tempfile::TempDir;

/// A temporary directory, deleted at the end of the run, also after a panic or Ctrl-C. Redis servers end with the process.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("challenges-benches-").tempdir().unwrap();
        tempfile::env::override_temp_dir(directory.path()).unwrap();
        let path = directory.path().to_owned();
        let end = move || {
            let _ = std::fs::remove_dir_all(&path);
            std::process::exit(130);
        };
        ctrlc::set_handler(end).unwrap();
        Self(directory)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Deletes the directory here, because a Redis server may still write to it while shutting down.
        let _ = std::fs::remove_dir_all(self.0.path());
    }
}
