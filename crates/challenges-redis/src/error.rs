use redis::{ErrorKind, RedisError};

use crate::health::Findings;

/// Why a store could not be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names no server.
    #[error("the URL of the store is refused")]
    Address(#[source] AddressError),
    /// The key prefix cannot stand in keys.
    #[error("a key prefix is 1 to 64 visible ASCII characters other than braces")]
    Prefix,
    /// No server answers there.
    #[error("no Redis server answers; check that it runs, and the host, port and path of the URL")]
    Unreachable(#[source] RedisError),
    /// The server does not let this user in.
    #[error("the Redis server refuses the user name or password; check both in the URL")]
    Login(#[source] RedisError),
    /// The server is one of a cluster.
    #[error("the Redis server is part of a cluster; write redis+cluster:// instead of redis://")]
    Cluster,
    /// The server is none of a cluster.
    #[error("the Redis server is not part of a cluster; write redis:// instead of redis+cluster://")]
    NoCluster(#[source] RedisError),
    /// The server is not one that keeps what it acknowledges.
    #[error("the Redis server would not keep the records safe: {0}; see RedisOptions::server_check")]
    Unsafe(Findings),
    /// The server does not let this user wait for replicas.
    #[error("the Redis server does not run WAIT for this user; allow +wait, or leave out RedisOptions::wait")]
    Wait(#[source] RedisError),
    /// Redis failed in another way.
    #[error("the Redis server could not be used")]
    Redis(#[source] RedisError),
}

/// What is wrong with the URL of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The URL begins with something else.
    #[error(
        "expected redis://, rediss://, unix://, redis+cluster://, rediss+cluster://, redis+sentinel:// or \
         rediss+sentinel://"
    )]
    Scheme,
    /// The rest of the URL is malformed.
    #[error("expected [USER:PASSWORD@]HOST[:PORT], several hosts separated by commas, in the form that the scheme has")]
    Malformed(#[source] RedisError),
    /// A cluster has one database.
    #[error("a cluster has no databases; leave out what follows the hosts")]
    ClusterDatabase,
    /// The name of the group that the sentinels watch is missing.
    #[error("expected the name that the sentinels know the primary by: redis+sentinel://HOST:PORT,HOST:PORT/NAME")]
    SentinelName,
    /// TLS is not built in, or is to be weakened.
    #[error("TLS needs the cargo feature tls of challenges-redis, and its checks cannot be switched off in the URL")]
    Tls,
}

impl OpenError {
    pub(crate) fn of(error: RedisError) -> Self {
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Login(error),
            _ if matches!(error.code(), Some("WRONGPASS" | "NOAUTH")) => Self::Login(error),
            _ if error.detail().is_some_and(|detail| detail.contains("cluster support disabled")) => {
                Self::NoCluster(error)
            }
            ErrorKind::Io
            | ErrorKind::ClusterConnectionNotFound
            | ErrorKind::MasterNameNotFoundBySentinel
            | ErrorKind::EmptySentinelList => Self::Unreachable(error),
            _ => Self::Redis(error),
        }
    }
}
