use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::PostgresServerError;

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
[ "$word" = keep ] || rm -rf "$directory"
"#;

/// The directories of Debian's programs, newest version first, and of other installations in `PATH`.
pub(super) fn program(name: &'static str) -> Result<PathBuf, PostgresServerError> {
    let mut directories: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    directories.sort();
    directories.reverse();
    directories.extend(["/usr/sbin", "/usr/bin"].map(PathBuf::from));
    directories.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let file = directories.into_iter().map(|directory| directory.join(name)).find(|file| file.is_file());
    file.ok_or(PostgresServerError::Missing(name))
}

/// Returns the command that runs a program without the rights of root.
pub(super) fn unprivileged(name: &'static str) -> Result<Vec<String>, PostgresServerError> {
    let file = program(name)?.to_string_lossy().into_owned();
    if !is_root()? {
        return Ok(vec![file]);
    }
    let as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
    Ok(as_user.map(str::to_owned).into_iter().chain([file]).collect())
}

/// Creates a directory that the unprivileged user owns.
pub(super) fn directory() -> Result<PathBuf, PostgresServerError> {
    // In memory where possible: a killed process loses nothing there, and a sync takes no time.
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let directory = tempfile::Builder::new().prefix("postgres-").tempdir_in(parent)?.keep();
    if is_root()? {
        run("chown", Command::new("chown").arg("postgres:postgres").arg(&directory))?;
    }
    Ok(directory)
}

/// Runs a program to its end, and returns the output.
pub(super) fn run(program: &'static str, command: &mut Command) -> Result<String, PostgresServerError> {
    let output = command.stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(PostgresServerError::Program { program, answer: text(&output.stdout) + &text(&output.stderr) })
}

/// Returns a command from its words.
pub(super) fn command(words: &[String]) -> Command {
    let mut words = words.iter();
    let mut command = Command::new(words.next().map_or("false", String::as_str));
    command.args(words);
    command.current_dir("/");
    command
}

fn is_root() -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}

/// A server process under the control of a shell.
#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    input: Option<ChildStdin>,
    pid: u32,
}

impl Process {
    pub(super) fn start(directory: &Path, words: &[String]) -> Result<Self, PostgresServerError> {
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
