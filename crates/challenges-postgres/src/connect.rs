//! A pool of its own, from a URL.

use std::net::IpAddr;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{OpenError, PostgresOptions};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The settings of a connection outside of the pool.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) config: Config,
    /// Absent if TLS is switched off.
    pub(crate) tls: Option<MakeRustlsConnect>,
}

/// An `@` in the password would end the password, and the rest would be taken for the host.
#[derive(Debug, thiserror::Error)]
#[error("the user or password contains an @; write %40 instead")]
struct Unencoded;

impl Connector {
    /// Returns whether connections to other machines may be unencrypted. With `sslmode=prefer`, the default, whoever is
    /// in the network can refuse TLS.
    pub(crate) fn may_be_plain(&self) -> bool {
        let is_near = |host: &Host| match host {
            Host::Tcp(name) => crate::driver::is_loopback(name),
            #[cfg(unix)]
            Host::Unix(_) => true,
        };
        let addresses = self.config.get_hostaddrs();
        let are_near = match addresses {
            [] => self.config.get_hosts().iter().all(is_near),
            addresses => addresses.iter().all(IpAddr::is_loopback),
        };
        self.config.get_ssl_mode() != SslMode::Require && !are_near
    }
}

/// Creates a pool, and the settings of its connections. Connects later.
pub(crate) fn pool(url: &str, options: &PostgresOptions) -> Result<(Pool, Connector), OpenError> {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if is_url && url.split('?').next().is_some_and(|hosts| hosts.matches('@').count() > 1) {
        return Err(OpenError::Address(Box::new(Unencoded)));
    }
    let strict = ["sslmode=verify-full", "sslmode=verify-ca"];
    let url = strict.iter().fold(url.to_owned(), |url, mode| url.replace(mode, "sslmode=require"));
    let mut config = Config::from_str(&url).map_err(|error| OpenError::Address(Box::new(error)))?;
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if config.get_application_name().is_none() {
        config.application_name("challenges");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_keepalives() {
        config.keepalives_idle(Duration::from_secs(30));
    }
    config.tcp_user_timeout(options.timeout);
    // A broken connection is noticed by its task, and the first call afterwards finds the connection closed.
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let tls = (config.get_ssl_mode() != SslMode::Disable).then(tls).transpose()?;
    let manager = match &tls {
        None => Manager::from_config(config.clone(), NoTls, manager),
        Some(tls) => Manager::from_config(config.clone(), tls.clone(), manager),
    };
    let size = options.connections.max(2);
    let pool = Pool::builder(manager).max_size(size).build().map_err(|error| OpenError::Address(Box::new(error)))?;
    Ok((pool, Connector { config, tls }))
}

/// TLS with the system's root certificates.
fn tls() -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Certificates(Box::new(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests;
