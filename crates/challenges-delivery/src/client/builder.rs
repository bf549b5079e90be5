use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore, crypto};

use crate::client::GuardedClient;
use crate::connector::{Connector, TcpConnector};
use crate::error::DeliveryError;
use crate::guard::Guard;
use crate::resolver::{Resolver, SystemResolver};

const MAX_HEAD: usize = 16 * 1_024;
const MAX_HEADERS: usize = 100;
const IDLE: Duration = Duration::from_secs(30);

/// Configures a [`GuardedClient`].
///
/// | limit | default |
/// |---|---|
/// | resolving, connecting and TLS ([`connect_timeout`](Self::connect_timeout)) | 5 seconds |
/// | request, up to the head of the response ([`timeout`](Self::timeout)) | 10 seconds |
/// | head of a response | 16 KiB and 100 headers |
/// | body of a response | the first 8 KiB; 64 KiB if a [`JsonGateway`](crate::JsonGateway) checks a member; never exposed |
/// | idle connections ([`idle_per_host`](Self::idle_per_host)) | 64 per host, 30 seconds each |
///
/// By default the client trusts the root certificates of this machine.
#[derive(Clone, Debug)]
#[must_use]
pub struct GuardedClientBuilder {
    guard: Guard,
    resolver: Arc<dyn Resolver>,
    system_roots: bool,
    roots: Vec<CertificateDer<'static>>,
    connect_timeout: Duration,
    timeout: Duration,
    idle_per_host: usize,
}

impl GuardedClientBuilder {
    pub(super) fn new(guard: Guard) -> Self {
        Self {
            guard,
            resolver: Arc::new(SystemResolver),
            system_roots: true,
            roots: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            idle_per_host: 64,
        }
    }

    /// Replaces the operating system's name resolution.
    pub fn resolver(self, resolver: impl Resolver) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// Trusts an additional root certificate, in DER.
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(CertificateDer::from(der.into()));
        self
    }

    /// Trusts only the certificates given to [`root_certificate`](Self::root_certificate), and none of this machine.
    pub fn without_system_roots(self) -> Self {
        Self { system_roots: false, ..self }
    }

    /// Sets the timeout for resolving a name, connecting and the TLS handshake; 5 seconds by default.
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// Sets the timeout of a request, up to the head of the response; 10 seconds by default.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets how many idle connections to a host are kept, for 30 seconds each; 64 by default.
    pub fn idle_per_host(self, idle_per_host: usize) -> Self {
        Self { idle_per_host, ..self }
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// - [`DeliveryError::NoRootCertificates`] when no root certificate is trusted.
    /// - [`DeliveryError::RootCertificate`] when an additional certificate is malformed.
    /// - [`DeliveryError::Tls`] when the TLS configuration is invalid.
    pub fn build(self) -> Result<GuardedClient, DeliveryError> {
        let tls = self.tls()?;
        let guard = Arc::new(self.guard);
        let tcp = TcpConnector { guard: Arc::clone(&guard), resolver: self.resolver, timeout: self.connect_timeout };
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let http = Client::builder(TokioExecutor::new())
            .http1_max_buf_size(MAX_HEAD)
            .http1_max_headers(MAX_HEADERS)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(self.idle_per_host)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(Connector { https, timeout: self.connect_timeout });
        Ok(GuardedClient { guard, http, timeout: self.timeout })
    }

    fn tls(&self) -> Result<ClientConfig, DeliveryError> {
        let mut roots = RootCertStore::empty();
        if self.system_roots {
            // System stores may contain certificates that rustls cannot parse; the others are still usable.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        for root in &self.roots {
            roots.add(root.clone()).map_err(|error| DeliveryError::RootCertificate(error.into()))?;
        }
        if roots.is_empty() {
            return Err(DeliveryError::NoRootCertificates);
        }
        // An explicit provider, so that the process-wide default is neither used nor set.
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Ok(versions
            .map_err(|error| DeliveryError::Tls(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth())
    }
}
