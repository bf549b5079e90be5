//! PostgreSQL servers for a single test, on free ports and Unix sockets.
//!
//! A server stops on drop, and when the test process ends for any reason. PostgreSQL refuses to run as root, so root
//! starts the servers as the user `postgres`. The Debian packages `postgresql` and, for [`Pooler`], `pgbouncer` are
//! required.

mod pooler;
mod process;
mod server;

pub use pooler::Pooler;
pub use server::PostgresServer;
