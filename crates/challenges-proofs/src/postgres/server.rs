use std::path::{Path, PathBuf};
use std::time::Duration;

use super::process::{directory, directory_in, unprivileged};
use crate::servers::{Port, Process, Server, ServerError, command, program, run};

/// Refuses nobody on the machine: the data directory belongs to a single test.
const ACCESS: &str = "local all all trust\nhost all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n";

/// A PostgreSQL server on a free local port and a Unix socket, with a temporary directory.
///
/// # Examples
///
/// ```no_run
/// use challenges_proofs::postgres::PostgresServer;
///
/// let mut server = PostgresServer::start(&["max_connections=50"])?;
/// println!("{}", server.url());
/// server.kill();
/// server.restart()?; // On the same port, with the same files.
/// # Ok::<(), challenges_proofs::servers::ServerError>(())
/// ```
#[derive(Debug)]
pub struct PostgresServer {
    process: Option<Process>,
    port: Port,
    directory: PathBuf,
    options: Vec<String>,
}

impl PostgresServer {
    /// Creates a cluster and starts a server with `options`, each `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when PostgreSQL is missing or does not start.
    pub fn start(options: &[&str]) -> Result<Self, ServerError> {
        Self::create(directory()?, options)
    }

    /// Creates a cluster whose files are on disk, even where memory serves as a file system. For measurements.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when PostgreSQL is missing or does not start.
    pub fn start_on_disk(options: &[&str]) -> Result<Self, ServerError> {
        Self::create(directory_in(Path::new("/var/tmp"))?, options)
    }

    fn create(directory: PathBuf, options: &[&str]) -> Result<Self, ServerError> {
        let mut words = unprivileged("initdb")?;
        words.extend(["-D", &data(&directory), "-A", "trust", "-U", "postgres", "-E", "UTF8"].map(str::to_owned));
        words.extend(["--locale=C.UTF-8", "--no-sync", "--no-instructions"].map(str::to_owned));
        run("initdb", &mut command(&words), false)?;
        std::fs::write(directory.join("data/pg_hba.conf"), ACCESS)?;
        Self::start_in(directory, options)
    }

    /// Starts a standby that follows this server as `name`.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the standby does not start.
    pub fn start_standby(&self, name: &str, options: &[&str]) -> Result<Self, ServerError> {
        let directory = directory()?;
        let primary = format!("host=127.0.0.1 port={} user=postgres application_name={name}", self.port());
        let mut words = unprivileged("pg_basebackup")?;
        words.extend(["-D", &data(&directory), "-d", &primary, "-R", "--no-sync", "-c", "fast"].map(str::to_owned));
        run("pg_basebackup", &mut command(&words), false)?;
        Self::start_in(directory, options)
    }

    fn start_in(directory: PathBuf, options: &[&str]) -> Result<Self, ServerError> {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut server = Self { process: None, port: Port::take()?, directory, options };
        loop {
            match server.restart() {
                Err(error) if error.is_about_port() => server.port = Port::take()?,
                started => return started.map(|()| server),
            }
        }
    }

    /// Returns the URL over TCP.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port())
    }

    /// Returns the URL over the Unix socket.
    #[must_use]
    pub fn socket_url(&self) -> String {
        let directory = self.directory.to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{directory}:{}/postgres", self.port())
    }

    /// Returns the TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port.number()
    }

    /// Returns the directory of data, log and socket, which is deleted with the server.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the process id of a running server.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Kills the server and every backend immediately, like a crash. The files remain.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Starts the server again with the same files, and waits until the server replies.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the server does not start.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        // Each connection has a process, which ends soon after the killed server.
        for _ in 0..100 {
            match self.launch() {
                Err(error) if error.is_about_old_processes() => std::thread::sleep(Duration::from_millis(100)),
                launched => return launched,
            }
        }
        self.launch()
    }

    fn launch(&mut self) -> Result<(), ServerError> {
        // Keeps the files: a dropped process deletes them.
        self.kill();
        let mut words = unprivileged("postgres")?;
        let socket = self.directory.to_string_lossy();
        let settings = [
            format!("port={}", self.port()),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={socket}"),
        ];
        words.extend(["-D".to_owned(), data(&self.directory)]);
        words.extend(settings.iter().chain(&self.options).flat_map(|setting| ["-c".to_owned(), setting.clone()]));
        let process = self.process.insert(Process::start(&self.directory, &words)?);
        process.wait_until(|| query(&self.directory, self.port.number(), "SELECT 1").is_ok())
    }

    /// Replaces the options of the next start.
    pub fn set_options(&mut self, options: &[&str]) {
        self.options = options.iter().map(|option| (*option).to_owned()).collect();
    }

    /// Promotes a standby, and waits until the server accepts writes.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the server is no standby.
    pub fn promote(&self) -> Result<(), ServerError> {
        self.query("SELECT pg_promote(true, 30)").map(|_| ())
    }

    /// Runs SQL with `psql` and returns the output, one row a line.
    ///
    /// # Errors
    ///
    /// [`ServerError::Program`] when PostgreSQL returns an error.
    pub fn query(&self, sql: &str) -> Result<String, ServerError> {
        query(&self.directory, self.port(), sql)
    }
}

impl Server for PostgresServer {
    fn kill(&mut self) {
        Self::kill(self);
    }

    fn restart(&mut self) -> Result<(), ServerError> {
        Self::restart(self)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.process.is_none() {
            // A killed server has kept its files.
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

fn query(directory: &Path, port: u16, sql: &str) -> Result<String, ServerError> {
    let (directory, port) = (directory.to_string_lossy(), port.to_string());
    let mut words = vec![program("psql")?.to_string_lossy().into_owned()];
    words.extend(["-h", &directory, "-p", &port, "-U", "postgres", "-X", "-A", "-t", "-q"].map(str::to_owned));
    words.extend(["-v", "ON_ERROR_STOP=1", "-c", sql, "postgres"].map(str::to_owned));
    run("psql", command(&words).env("PGCONNECT_TIMEOUT", "5"), false)
}

fn data(directory: &Path) -> String {
    directory.join("data").to_string_lossy().into_owned()
}
