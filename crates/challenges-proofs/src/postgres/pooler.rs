use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::process::{Process, directory, unprivileged};
use super::{PostgresServer, PostgresServerError};

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// A pgbouncer in transaction mode before a server, on a free local port.
#[derive(Debug)]
pub struct Pooler {
    _process: Process,
    port: u16,
}

impl Pooler {
    /// Starts a pooler with `connections` connections to the server.
    ///
    /// # Errors
    ///
    /// [`PostgresServerError`] when pgbouncer is missing or does not start.
    pub fn start(server: &PostgresServer, connections: u16) -> Result<Self, PostgresServerError> {
        let directory = directory()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let file = directory.join("pgbouncer.ini");
        std::fs::write(
            &file,
            format!(
                "[databases]\npostgres = host=127.0.0.1 port={} user=postgres dbname=postgres\n[pgbouncer]\n\
                 listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
                 pool_mode = transaction\ndefault_pool_size = {connections}\nserver_round_robin = 1\n\
                 ignore_startup_parameters = extra_float_digits\n",
                server.port()
            ),
        )?;
        let mut words = unprivileged("pgbouncer")?;
        words.push(file.to_string_lossy().into_owned());
        let process = Process::start(&directory, &words)?;
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if Instant::now() > deadline {
                let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
                return Err(PostgresServerError::NotReady(log));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(Self { _process: process, port })
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}
