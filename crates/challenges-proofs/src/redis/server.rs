use std::path::{Path, PathBuf};

use crate::servers::{Port, Process, Server, ServerError, command, program, run};

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
/// # Ok::<(), challenges_proofs::servers::ServerError>(())
/// ```
#[derive(Debug)]
pub struct RedisServer {
    process: Option<Process>,
    port: Port,
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
    /// [`ServerError`] when Redis is missing or does not start.
    pub fn start(options: &[&str]) -> Result<Self, ServerError> {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let directory = tempfile::Builder::new().prefix("redis-").tempdir()?.keep();
        Self::start_in(directory, options)
    }

    fn start_in(directory: PathBuf, options: Vec<String>) -> Result<Self, ServerError> {
        let mut server = Self { process: None, port: Port::take()?, directory, options };
        loop {
            match server.restart() {
                Err(error) if error.is_about_port() => server.port = Port::take()?,
                started => return started.map(|()| server),
            }
        }
    }

    /// Starts a sentinel that monitors a primary under `name`, with a failover 500 ms after the loss of the primary.
    /// A busy machine takes longer to reply: raise `down-after-milliseconds` where the primary must not count as lost.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when Redis is missing or does not start.
    pub fn start_sentinel(name: &str, primary: &Self) -> Result<Self, ServerError> {
        let directory = tempfile::Builder::new().prefix("redis-").tempdir()?.keep();
        // A sentinel stores its state in the configuration file.
        let file = directory.join("sentinel.conf");
        let port = primary.port();
        std::fs::write(
            &file,
            format!(
                "sentinel monitor {name} 127.0.0.1 {port} 1\nsentinel down-after-milliseconds {name} 500\n\
                 sentinel failover-timeout {name} 5000\n"
            ),
        )?;
        Self::start_in(directory, vec!["--sentinel".to_owned()])
    }

    /// Returns the URL, without user and password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port.number()
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
    /// [`ServerError`] when the server does not start.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.kill();
        let (port, socket, directory) = (self.port().to_string(), self.socket(), &self.directory);
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
        let mut words = vec![program("redis-server")?.to_string_lossy().into_owned()];
        if file.exists() {
            words.push(file.to_string_lossy().into_owned());
        }
        words.extend(defaults.concat());
        words.extend(self.options.iter().cloned());
        let process = self.process.insert(Process::start(&self.directory, &words)?);
        process.wait_until(|| match cli(&socket, &["PING"]) {
            Ok(answer) => answer == "PONG",
            // The server is ready, but requires a password.
            Err(error) => error.to_string().contains("NOAUTH"),
        })
    }

    /// Runs a command with `redis-cli` and returns the output.
    ///
    /// # Errors
    ///
    /// [`ServerError::Program`] when Redis returns an error.
    pub fn cli(&self, command: &[&str]) -> Result<String, ServerError> {
        cli(&self.socket(), command)
    }
}

impl Server for RedisServer {
    fn kill(&mut self) {
        Self::kill(self);
    }

    fn restart(&mut self) -> Result<(), ServerError> {
        Self::restart(self)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if self.process.is_none() {
            // A killed server has kept its files.
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

fn cli(socket: &Path, words: &[&str]) -> Result<String, ServerError> {
    // With -e, redis-cli reports an error reply in the exit code.
    let head = ["-e".to_owned(), "-s".to_owned(), socket.to_string_lossy().into_owned()];
    let words = words.iter().map(|word| (*word).to_owned());
    let all: Vec<_> =
        [program("redis-cli")?.to_string_lossy().into_owned()].into_iter().chain(head).chain(words).collect();
    run(&format!("redis-cli {}", all.get(4..).unwrap_or_default().join(" ")), &mut command(&all), true)
}
