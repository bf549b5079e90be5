use std::io;

use redis::{ErrorKind, RedisError};

use crate::finding::Findings;

/// An error from opening a store, with advice for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is invalid.
    #[error("the Redis URL is invalid")]
    Address(#[source] AddressError),
    /// The key prefix is invalid.
    #[error("the key prefix must be 1 to 64 visible ASCII characters, without braces; see RedisOptions::prefix")]
    Prefix,
    /// No server is reachable.
    #[error(
        "no Redis server is reachable; check that Redis is running, and check the scheme (rediss for TLS), host, port and path \
         of the URL"
    )]
    Unreachable(#[source] RedisError),
    /// The server, or a sentinel, rejected the user name or password.
    #[error(
        "the Redis server, or a sentinel, rejected the user name or password; check both in the URL, with special characters \
         percent-encoded (sentinels with a password receive the same login)"
    )]
    Login(#[source] RedisError),
    /// The server has no database of this number.
    #[error("the Redis server has no database of this number; check the number after the hosts of the URL")]
    Database(#[source] RedisError),
    /// The sentinels know no primary of this name, or the hosts are not sentinels.
    #[error(
        "the sentinels know no primary of this name, or the hosts are not sentinels; check the hosts and the name of the primary \
         in the URL"
    )]
    Sentinel(#[source] RedisError),
    /// The user may not run a command of the store or use the keys, or the server does not know the command.
    #[error(
        "the Redis server refuses a command of the store; grant the user the rights in the documentation of this crate, and use \
         a redis+sentinel:// URL for sentinels"
    )]
    Refused(#[source] RedisError),
    /// The cluster announces addresses of nodes that this process cannot reach, for example behind NAT.
    #[error(
        "the cluster announces nodes at {}, which this process cannot reach; set cluster-announce-ip, cluster-announce-port or \
         cluster-announce-hostname on the nodes to reachable addresses, or connect from the network of the cluster",
        .announced.join(", ")
    )]
    Announced {
        /// The unreachable addresses, as `HOST:PORT`.
        announced: Vec<String>,
        /// The error of the connection.
        #[source]
        source: RedisError,
    },
    /// The server, or a proxy before it, does not accept `HELLO 3`.
    #[error(
        "the server, or a proxy before it, does not accept HELLO 3; upgrade the proxy, or connect to the Redis server itself \
         (version 6.2 or later)"
    )]
    Protocol(#[source] RedisError),
    /// The server is a cluster node, but the URL is for a single server.
    #[error("the Redis server is a cluster node; use a redis+cluster:// URL")]
    Cluster,
    /// The server is not a cluster node, but the URL is for a cluster.
    #[error("the Redis server is not a cluster node; use a redis:// URL")]
    NoCluster(#[source] RedisError),
    /// The server check refused the configuration; see [`ServerCheck`](crate::ServerCheck).
    #[error("the Redis server may lose records: {0}; see RedisOptions::server_check")]
    Unsafe(Findings),
    /// The user may not run `WAIT`, but [`RedisOptions::wait`](crate::RedisOptions::wait) is set.
    #[error("this Redis user may not run WAIT; grant +wait, or remove RedisOptions::wait")]
    Wait(#[source] RedisError),
    /// No store has this prefix, and [`create_if_missing`](crate::RedisOptions::create_if_missing) is off.
    #[error(
        "no store with this prefix on the Redis server; check the host, the database and the prefix, or set \
         RedisOptions::create_if_missing"
    )]
    Missing,
    /// Some parts of the store are gone, for example because a cluster node was emptied or lost its volume.
    #[error(
        "{missing} of {all} parts of the store are gone from Redis; restore a backup of the servers that lost their data, or \
         delete all keys with the prefix of the store to start with an empty store, in which nobody has a factor"
    )]
    Emptied {
        /// The number of lost parts.
        missing: usize,
        /// The number of parts of a store.
        all: usize,
    },
    /// The random number generator failed.
    #[error("the random number generator of the system failed")]
    Entropy(#[source] io::Error),
    /// Any other error from Redis.
    #[error("the Redis server returned an error")]
    Redis(#[source] RedisError),
}

/// An invalid store URL. [`RedisStore::open`](crate::RedisStore::open) lists the valid forms.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The scheme is unknown.
    #[error(
        "unknown scheme; expected redis, rediss, unix, redis+cluster, rediss+cluster, redis+sentinel or rediss+sentinel"
    )]
    Scheme,
    /// The URL after the scheme is malformed.
    #[error(
        "malformed URL; expected [USER:PASSWORD@]HOST[:PORT], with several hosts separated by commas, and special characters in \
         user and password percent-encoded"
    )]
    Malformed(#[source] RedisError),
    /// The user or password contains a character that ends this part of a URL.
    #[error(
        "the user or password contains a character that must be percent-encoded in a URL: %23 for #, %2F for /, %3F for ?, %40 \
         for @, %25 for %"
    )]
    Unencoded,
    /// A cluster URL selects a database, but a cluster has none to select.
    #[error("a cluster has no numbered databases; remove the path after the hosts")]
    ClusterDatabase,
    /// The name of the primary is missing from a Sentinel URL.
    #[error("the name of the primary is missing; expected redis+sentinel://HOST:PORT,HOST:PORT/NAME")]
    SentinelName,
    /// The `tls` feature is disabled, or the URL weakens TLS.
    #[error("TLS needs the cargo feature `tls`, and a URL fragment cannot disable certificate checks")]
    Tls,
}

impl OpenError {
    pub(crate) fn of(error: RedisError) -> Self {
        // `redis` has no kinds for these errors.
        let says = |text: &str| error.to_string().contains(text);
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Login(error),
            _ if matches!(error.code(), Some("WRONGPASS" | "NOAUTH")) => Self::Login(error),
            _ if is_about_hello(&error) => Self::Protocol(error),
            _ if says("DB index is out of range") => Self::Database(error),
            ErrorKind::MasterNameNotFoundBySentinel => Self::Sentinel(error),
            _ if says("not point to a sentinel") => Self::Sentinel(error),
            _ if error.code() == Some("NOPERM") || says("unknown command") => Self::Refused(error),
            _ if error.detail().is_some_and(|detail| detail.contains("cluster support disabled")) => {
                Self::NoCluster(error)
            }
            ErrorKind::Io | ErrorKind::ClusterConnectionNotFound | ErrorKind::EmptySentinelList => {
                Self::Unreachable(error)
            }
            _ => Self::Redis(error),
        }
    }
}

/// Returns true if the server does not know `HELLO` or the protocol that it asks for, or the user may not run it.
pub(crate) fn is_about_hello(error: &RedisError) -> bool {
    error.kind() == ErrorKind::RESP3NotSupported
        || error.code() == Some("NOPROTO")
        || error.detail().is_some_and(|detail| detail.to_ascii_lowercase().contains("hello"))
}
