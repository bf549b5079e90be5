use std::fmt;
use std::time::Duration;

use redis::{Cmd, RedisError, Value};
use tokio::time::Instant;

use crate::OpenError;
use crate::address::Address;
use crate::cluster::ClusterLink;
use crate::server::ServerLink;

/// A connection to a server or a cluster, which is made again when it breaks.
///
/// It sends a command once. Whether to send it again is decided by who knows whether that is safe.
pub(crate) enum Link {
    Server(Box<ServerLink>),
    Cluster(ClusterLink),
}

/// Why one try has failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no connection, so nothing was sent.
    NoConnection(RedisError),
    /// What the server or the connection says.
    Of(RedisError),
    /// What the server says of a command behind others on the connection. Those were carried out.
    Behind(RedisError),
}

/// Where a command goes.
#[derive(Clone, Debug, Default)]
pub(crate) enum Route {
    /// To the server that its keys belong to.
    #[default]
    Owner,
    /// To that server of the cluster, which is about to become theirs.
    Asking { host: String, port: u16 },
}

impl Link {
    /// `call` is how long a call may take.
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

    /// Sends commands about one partition, one behind the other on one connection, and answers what each one answered.
    pub(crate) async fn send(&self, commands: &[Cmd], route: &Route) -> Result<Vec<Value>, Failure> {
        match self {
            Self::Server(server) => server.send(commands).await,
            Self::Cluster(cluster) => Box::pin(cluster.send(commands, route)).await,
        }
    }

    /// Makes commands use a new connection, since that call met a server that is silent or no primary any more.
    pub(crate) fn renew(&self, call: Instant) {
        match self {
            Self::Server(server) => server.renew(),
            Self::Cluster(cluster) => cluster.renew(call),
        }
    }

    /// What each server that holds records answers.
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

/// The error of the first answer that is one.
pub(crate) fn checked(values: Vec<Value>) -> Result<Vec<Value>, Failure> {
    let answers = values.into_iter().enumerate();
    let failure = |at| if at == 0 { Failure::Of } else { Failure::Behind };
    answers.map(|(at, value)| value.extract_error().map_err(failure(at))).collect()
}
