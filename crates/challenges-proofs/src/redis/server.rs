use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::RedisServerError;
use super::process::Process;

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// The distance from the client port to the cluster bus port.
const CLUSTER_BUS: u16 = 10_000;

/// A `redis-server` on a free local port and a Unix socket, with a temporary directory.
///
/// # Examples
///
/// ```no_run
/// use challenges_proofs::redis::RedisServer;
///
/// let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"])?;
/// println!("{}", server.url());
/// server.kill();
/// server.restart()?; // On the same port, with the same files.
/// # Ok::<(), challenges_proofs::redis::RedisServerError>(())
/// ```
#[derive(Debug)]
pub struct RedisServer {
    process: Option<Process>,
    port: u16,
    directory: PathBuf,
    options: Vec<String>,
}

impl RedisServer {
    /// Starts a server with `options` in addition to the defaults, and waits until the server replies.
    ///
    /// Persistence is off by default.
    ///
    /// # Errors
    ///
    /// [`RedisServerError`] when Redis is missing or does not start.
    pub fn start(options: &[&str]) -> Result<Self, RedisServerError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        loop {
            let port = free_port()?;
            let directory = tempfile::Builder::new().prefix("redis-").tempdir()?.keep();
            let mut server = Self { process: None, port, directory, options: options.clone() };
            match server.restart() {
                // Another process took the port in the meantime.
                Err(RedisServerError::NotReady(log)) if log.contains("Address already in use") => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(server),
            }
        }
    }

    /// Starts a sentinel that monitors a primary under `name`, with a failover 500 ms after the loss of the primary.
    ///
    /// # Errors
    ///
    /// [`RedisServerError`] when Redis is missing or does not start.
    pub fn start_sentinel(name: &str, primary: &Self) -> Result<Self, RedisServerError> {
        let directory = tempfile::Builder::new().prefix("redis-").tempdir()?.keep();
        // A sentinel stores its state in the configuration file.
        let file = directory.join("sentinel.conf");
        let port = primary.port;
        std::fs::write(
            &file,
            format!(
                "sentinel monitor {name} 127.0.0.1 {port} 1\nsentinel down-after-milliseconds {name} 500\n\
                 sentinel failover-timeout {name} 5000\n"
            ),
        )?;
        let mut server = Self { process: None, port: free_port()?, directory, options: vec!["--sentinel".to_owned()] };
        server.restart()?;
        Ok(server)
    }

    /// Returns the URL, without user and password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the path of the Unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// Returns the data directory, which is deleted with the server.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the process id of a running server.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Kills the server immediately, like a crash. The files remain.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Restarts the server with the same files, and waits until the server replies.
    ///
    /// # Errors
    ///
    /// [`RedisServerError`] when the server does not start.
    pub fn restart(&mut self) -> Result<(), RedisServerError> {
        self.kill();
        let (port, socket, directory) = (self.port.to_string(), self.socket(), &self.directory);
        let defaults = [
            ("--port", port.as_str()),
            ("--bind", "127.0.0.1"),
            ("--unixsocket", &socket.to_string_lossy()),
            ("--dir", &directory.to_string_lossy()),
            ("--save", ""),
            ("--daemonize", "no"),
        ]
        .map(|(name, value)| [name.to_owned(), value.to_owned()]);
        let file = directory.join("sentinel.conf");
        let mut arguments = Vec::new();
        if file.exists() {
            arguments.push(file.to_string_lossy().into_owned());
        }
        arguments.extend(defaults.concat());
        arguments.extend(self.options.iter().cloned());
        self.process = Some(Process::start(&self.directory, &arguments)?);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.cli(&["PING"]);
            // The server is ready, but requires a password.
            let is_there = |error: &RedisServerError| error.to_string().contains("NOAUTH");
            if answer.as_ref().is_ok_and(|answer| answer == "PONG") || answer.as_ref().is_err_and(is_there) {
                return Ok(());
            }
            let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            if Instant::now() > deadline || log.contains("Address already in use") || log.contains("FATAL CONFIG") {
                return Err(RedisServerError::NotReady(log));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Runs a command with `redis-cli` and returns the output.
    ///
    /// # Errors
    ///
    /// [`RedisServerError::Command`] when Redis returns an error.
    pub fn cli(&self, command: &[&str]) -> Result<String, RedisServerError> {
        let mut cli = Command::new("redis-cli");
        // With -e, redis-cli reports an error reply in the exit code.
        cli.arg("-e").arg("-s").arg(self.socket()).args(command);
        let output = cli.output().map_err(|error| RedisServerError::Missing("redis-cli", error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let answer = text(&output.stdout);
        if output.status.success() && output.stderr.is_empty() {
            return Ok(answer);
        }
        Err(RedisServerError::Command { command: command.join(" "), answer: answer + &text(&output.stderr) })
    }
}

/// Returns a free port whose cluster bus port is also free.
fn free_port() -> Result<u16, RedisServerError> {
    loop {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        // Ephemeral ports are high, so the assigned port becomes the bus port and the client port lies 10,000 below.
        let Some(port) = port.checked_sub(CLUSTER_BUS).filter(|port| *port > CLUSTER_BUS) else { continue };
        let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if is_free(port) && is_free(port + CLUSTER_BUS) {
            return Ok(port);
        }
    }
}
