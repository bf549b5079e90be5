//! Connections to a server or a cluster.

pub(crate) mod announced;
mod cluster;
mod failure;
mod route;
mod server;

pub(crate) use failure::Failure;
pub(crate) use route::Route;

use std::fmt;
use std::time::Duration;

use redis::{Cmd, Value};
use tokio::time::Instant;

use self::cluster::ClusterLink;
use self::server::ServerLink;
use crate::OpenError;
use crate::address::Address;

/// A connection to a server or a cluster that reconnects when broken.
///
/// A link sends each command once. Retries are up to [`Client`](crate::client::Client), which knows when they are safe.
pub(crate) enum Link {
    Server(Box<ServerLink>),
    Cluster(ClusterLink),
}

impl Link {
    /// Connects to `address`. `call` is the timeout of a call.
    pub(crate) async fn open(address: &Address, connect_timeout: Duration, call: Duration) -> Result<Self, OpenError> {
        match address {
            Address::Cluster(nodes) => {
                Ok(Self::Cluster(ClusterLink::open(nodes.clone(), connect_timeout, call).await?))
            }
            Address::Server(_) | Address::Sentinel(_) => {
                Ok(Self::Server(Box::new(ServerLink::open(address, connect_timeout).await?)))
            }
        }
    }

    /// Sends commands of a single partition as a pipeline, and returns the replies.
    pub(crate) async fn send(&self, commands: &[Cmd], route: &Route) -> Result<Vec<Value>, Failure> {
        match self {
            Self::Server(server) => server.send(commands).await,
            Self::Cluster(cluster) => Box::pin(cluster.send(commands, route)).await,
        }
    }

    /// Makes later commands use a new connection.
    ///
    /// Call this when the call that began at `call` met an unresponsive server or a former primary.
    pub(crate) fn renew(&self, call: Instant) {
        match self {
            Self::Server(server) => server.renew(),
            Self::Cluster(cluster) => cluster.renew(call),
        }
    }

    /// Sends a command to every primary, and returns the replies.
    pub(crate) async fn ask_primaries(&self, command: Cmd) -> Result<Vec<Value>, Failure> {
        match self {
            Self::Server(server) => server.send(&[command]).await,
            Self::Cluster(cluster) => cluster.ask_primaries(command).await,
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server(_) => "Server",
            Self::Cluster(_) => "Cluster",
        })
    }
}
