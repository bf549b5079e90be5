use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use super::ServerError;

/// Ends a test whose server hangs. A start takes seconds on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(10);

/// The shell script that kills the server when the test process ends, even after a panic or a kill.
///
/// The script waits for the end of its input pipe. The line `keep` keeps the files of the server. The children are
/// killed too, because a backend may otherwise finish a statement after the server is gone. A signal to the process
/// group must not end the script before the files are deleted.
const WATCH: &str = r#"
trap '' HUP INT TERM
directory=$1
shift
"$@" >> "$directory/log" 2>&1 &
server=$!
echo "$server"
read -r word
children=$(cat "/proc/$server/task/$server/children" 2> /dev/null)
kill -9 "$server" $children 2> /dev/null
wait "$server" 2> /dev/null
for child in $children; do
    # A dead child stays as a zombie where process 1 does not reap.
    while [ -d "/proc/$child" ] && ! grep -q "^State:.Z" "/proc/$child/status" 2> /dev/null; do sleep 0.01; done
done
# A killed PostgreSQL leaves a segment of shared memory behind, and the system has room for 4,096.
set -- $(sed -n 7p "$directory/data/postmaster.pid" 2> /dev/null)
[ -z "$2" ] || ipcrm -m "$2" 2> /dev/null
[ "$word" = keep ] || rm -rf "$directory"
"#;

/// Returns the file of a program: the newest of Debian's PostgreSQL, then the directories of `PATH`.
pub(crate) fn program(name: &'static str) -> Result<PathBuf, ServerError> {
    let mut directories: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    directories.sort();
    directories.reverse();
    directories.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    directories.extend(["/usr/sbin", "/usr/bin"].map(PathBuf::from));
    let file = directories.into_iter().map(|directory| directory.join(name)).find(|file| file.is_file());
    file.ok_or(ServerError::Missing(name))
}

/// Returns a command from its words.
pub(crate) fn command(words: &[String]) -> Command {
    let mut words = words.iter();
    let mut command = Command::new(words.next().map_or("false", String::as_str));
    command.args(words);
    command.current_dir("/");
    command
}

/// Runs a command to its end, and returns the output. Anything on standard error counts as an error with `silent`.
pub(crate) fn run(program: &str, command: &mut Command, silent: bool) -> Result<String, ServerError> {
    let output = command.stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() && (!silent || output.stderr.is_empty()) {
        return Ok(text(&output.stdout));
    }
    Err(ServerError::Program { program: program.to_owned(), answer: text(&output.stdout) + &text(&output.stderr) })
}

/// Returns true if the tests run as root.
#[cfg(feature = "postgres-server")]
pub(crate) fn is_root() -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}

/// A server process under the control of a shell. Its output goes to the file `log` of the directory.
#[derive(Debug)]
pub(crate) struct Process {
    shell: Child,
    input: Option<ChildStdin>,
    pid: u32,
    log: PathBuf,
}

impl Process {
    /// Starts a program.
    pub(crate) fn start(directory: &Path, words: &[String]) -> Result<Self, ServerError> {
        let log = directory.join("log");
        // A restart must not find the errors of the start before.
        let _ = std::fs::remove_file(&log);
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .arg(directory)
            .args(words)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = shell.stdin.take();
        let mut line = String::new();
        if let Some(output) = shell.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let pid = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { shell, input, pid, log })
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until the server is ready. Fails as soon as the server has ended.
    pub(crate) fn wait_until(&self, mut is_ready: impl FnMut() -> bool) -> Result<(), ServerError> {
        let deadline = Instant::now() + PATIENCE;
        // In this order: a server that ends here is not ready, whoever replies on its port.
        while !is_ready() || self.has_ended() {
            if self.has_ended() || Instant::now() > deadline {
                return Err(ServerError::NotReady(std::fs::read_to_string(&self.log).unwrap_or_default()));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn has_ended(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        // The shell collects the process only later.
        status.lines().find_map(|line| line.strip_prefix("State:")).is_none_or(|state| state.trim().starts_with('Z'))
    }

    /// Kills the server immediately and keeps its files.
    pub(crate) fn kill(mut self) {
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
