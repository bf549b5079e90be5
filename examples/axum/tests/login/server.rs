//! The demo as a process, in a directory of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

pub(crate) struct Server {
    process: Child,
    output: BufReader<ChildStdout>,
    pub(crate) port: u16,
    _directory: TempDir,
}

/// Starts the program on a free port.
pub(crate) fn start(program: &str) -> Server {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0"]).current_dir(directory.path()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let output = BufReader::new(process.stdout.take().unwrap());
    let mut server = Server { process, output, port: 0, _directory: directory };
    server.port = server.printed("listening on http://127.0.0.1:").parse().unwrap();
    server
}

impl Server {
    /// Waits for a printed line with this start, and returns the rest.
    pub(crate) fn printed(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the output ended before {start}");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
