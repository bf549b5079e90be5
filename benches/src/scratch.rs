//! The one directory in which everything lies that a run leaves behind while it runs.

use tempfile::TempDir;

/// Goes with its files at the end of the run, be it by a panic or by Ctrl-C. The Redis servers end with this process.
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
        // A Redis server that is just ending writes there a last time.
        let _ = std::fs::remove_dir_all(self.0.path());
    }
}
