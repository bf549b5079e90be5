use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion, RedisConnectionInfo};

use crate::AddressError;

/// A parsed store URL.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    /// A single server.
    Server(Box<ConnectionInfo>),
    /// Seed nodes of a cluster.
    Cluster(Vec<ConnectionInfo>),
    /// Sentinels that report the primary.
    Sentinel(Box<Sentinels>),
}

#[derive(Clone, Debug)]
pub(crate) struct Sentinels {
    pub(crate) sentinels: Vec<ConnectionAddr>,
    pub(crate) primary: String,
    /// The login of the primary, also offered to the sentinels.
    pub(crate) login: RedisConnectionInfo,
    pub(crate) tls: bool,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = url.split_once("://").ok_or(AddressError::Scheme)?;
        let (scheme, topology) = scheme.split_once('+').unwrap_or((scheme, ""));
        let tls = match scheme {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            "unix" if topology.is_empty() => false,
            _ => return Err(AddressError::Scheme),
        };
        if scheme != "unix" && is_cut_short(rest) {
            return Err(AddressError::Unencoded);
        }
        if tls && (cfg!(not(feature = "tls")) || url.contains('#')) {
            return Err(AddressError::Tls);
        }
        match topology {
            "" | "unix" if !(tls && topology == "unix") => Ok(Self::Server(Box::new(server(url)?))),
            "cluster" => {
                let (hosts, database) = split_path(rest);
                if !database.is_empty() {
                    return Err(AddressError::ClusterDatabase);
                }
                Ok(Self::Cluster(servers(scheme, hosts)?))
            }
            "sentinel" => sentinels(scheme, rest, tls),
            _ => Err(AddressError::Scheme),
        }
    }
}

fn sentinels(scheme: &str, rest: &str, tls: bool) -> Result<Address, AddressError> {
    let (hosts, path) = split_path(rest);
    let (primary, database) = path.split_once('/').unwrap_or((path, "0"));
    if primary.is_empty() {
        return Err(AddressError::SentinelName);
    }
    let hosts = servers(scheme, hosts)?;
    let mut login = RedisConnectionInfo::default();
    if let Some(first) = hosts.first() {
        login = server(&format!("redis://localhost/{database}"))?.redis_settings().clone();
        if let Some(user) = first.redis_settings().username() {
            login = login.set_username(user);
        }
        if let Some(password) = first.redis_settings().password() {
            login = login.set_password(password);
        }
    }
    let login = login.set_protocol(ProtocolVersion::RESP3);
    let sentinels = hosts.iter().map(|host| host.addr().clone()).collect();
    Ok(Address::Sentinel(Box::new(Sentinels { sentinels, primary: primary.to_owned(), login, tls })))
}

/// Returns true if a character in the user or password ends the hosts before the `@`.
fn is_cut_short(rest: &str) -> bool {
    let end = rest.find(['/', '?', '#', '\\']);
    end.and_then(|end| rest.get(end..)).is_some_and(|beyond| beyond.contains('@'))
}

/// Splits the hosts from the path.
fn split_path(rest: &str) -> (&str, &str) {
    rest.split_once('/').unwrap_or((rest, ""))
}

/// Parses comma-separated hosts. All share the user and password in front of the first.
fn servers(scheme: &str, hosts: &str) -> Result<Vec<ConnectionInfo>, AddressError> {
    let (login, hosts) = match hosts.rsplit_once('@') {
        Some((login, hosts)) => (format!("{login}@"), hosts),
        None => (String::new(), hosts),
    };
    hosts.split(',').map(|host| server(&format!("{scheme}://{login}{host}"))).collect()
}

fn server(url: &str) -> Result<ConnectionInfo, AddressError> {
    let info = url.into_connection_info().map_err(AddressError::Malformed)?;
    // RESP3 reports a disconnect on an idle connection.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

#[cfg(test)]
mod tests;
