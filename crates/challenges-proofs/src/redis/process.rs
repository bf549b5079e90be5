use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::RedisServerError;

/// The shell script that kills the server when the test process ends, even after a panic or a kill.
///
/// The script waits for the end of its input pipe. The line `keep` keeps the files of the server.
const WATCH: &str = r#"
directory=$1
shift
redis-server "$@" >> "$directory/log" 2>&1 &
server=$!
echo "$server"
read -r word
kill -9 "$server" 2> /dev/null
wait "$server" 2> /dev/null
[ "$word" = keep ] || rm -rf "$directory"
"#;

/// A `redis-server` process under the control of a shell.
#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    input: Option<ChildStdin>,
    pid: u32,
}

impl Process {
    pub(super) fn start(directory: &Path, arguments: &[String]) -> Result<Self, RedisServerError> {
        let missing = |error| RedisServerError::Missing("redis-server", error);
        Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().map_err(missing)?;
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .arg(directory)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = shell.stdin.take();
        let mut line = String::new();
        if let Some(output) = shell.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let pid = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { shell, input, pid })
    }

    pub(super) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Kills the server immediately and keeps its files.
    pub(super) fn kill(mut self) {
        if let Some(input) = &mut self.input {
            // A write fails only if the shell is gone, and the server is then gone as well.
            let _ = input.write_all(b"keep\n");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.shell.wait();
    }
}
