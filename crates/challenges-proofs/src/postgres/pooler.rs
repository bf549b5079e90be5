use std::net::{Ipv4Addr, TcpStream};

use super::PostgresServer;
use super::process::{directory, unprivileged};
use crate::servers::{Port, Process, ServerError};

/// A pgbouncer in transaction mode before a server, on a free local port.
#[derive(Debug)]
pub struct Pooler {
    _process: Process,
    port: Port,
}

impl Pooler {
    /// Starts a pooler with `connections` connections to the server.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when pgbouncer is missing or does not start.
    pub fn start(server: &PostgresServer, connections: u16) -> Result<Self, ServerError> {
        let directory = directory()?;
        let port = Port::take()?;
        let file = directory.join("pgbouncer.ini");
        std::fs::write(
            &file,
            format!(
                "[databases]\npostgres = host=127.0.0.1 port={} user=postgres dbname=postgres\n[pgbouncer]\n\
                 listen_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\nauth_type = any\n\
                 pool_mode = transaction\ndefault_pool_size = {connections}\nserver_round_robin = 1\n\
                 ignore_startup_parameters = extra_float_digits\n",
                server.port(),
                port.number()
            ),
        )?;
        let mut words = unprivileged("pgbouncer")?;
        words.push(file.to_string_lossy().into_owned());
        let process = Process::start(&directory, &words)?;
        process.wait_until(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port.number())).is_ok())?;
        Ok(Self { _process: process, port })
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port.number())
    }
}
