use std::fmt;
use std::sync::Arc;

use challenges_core::Secret;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::ServerName;

use super::connections::Connections;
use super::{Encryption, Inner, SmtpMailer};
use crate::error::DeliveryError;

/// Configures an [`SmtpMailer`].
///
/// | connection | call | default port |
/// |---|---|---|
/// | TLS from the first byte (RFC 8314 section 3.3) | | 465 |
/// | TLS by STARTTLS, required | [`starttls`](Self::starttls) | 587 |
/// | not encrypted | [`danger_plain_text`](Self::danger_plain_text) | 25 |
///
/// TLS is 1.2 or 1.3, by rustls. The root certificates of this machine are trusted.
#[must_use]
pub struct SmtpMailerBuilder {
    host: String,
    from: String,
    mode: Mode,
    port: Option<u16>,
    credentials: Option<(String, Secret)>,
    hello_name: Option<String>,
    system_roots: bool,
    roots: Vec<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum Mode {
    Tls,
    StartTls,
    PlainText,
}

impl SmtpMailerBuilder {
    pub(super) fn new(host: &str, from: &str) -> Self {
        Self {
            host: host.to_owned(),
            from: from.to_owned(),
            mode: Mode::Tls,
            port: None,
            credentials: None,
            hello_name: None,
            system_roots: true,
            roots: Vec::new(),
        }
    }

    /// Encrypts by STARTTLS. A server without STARTTLS gets no e-mail and no password.
    pub fn starttls(self) -> Self {
        Self { mode: Mode::StartTls, ..self }
    }

    /// Does not encrypt. Anybody on the network path can read links, codes and the password, so use this only for a
    /// server on the same machine.
    pub fn danger_plain_text(self) -> Self {
        Self { mode: Mode::PlainText, ..self }
    }

    /// Sets the port.
    pub fn port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// Sets the user name and password, for the mechanisms PLAIN and LOGIN.
    pub fn credentials(self, user: &str, password: Secret) -> Self {
        Self { credentials: Some((user.to_owned(), password)), ..self }
    }

    /// Sets the name that this machine gives in EHLO; by default the domain of the sender.
    pub fn hello_name(self, name: &str) -> Self {
        Self { hello_name: Some(name.to_owned()), ..self }
    }

    /// Trusts an additional root certificate, in DER.
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(der.into());
        self
    }

    /// Trusts only the certificates given to [`root_certificate`](Self::root_certificate), and none of this machine.
    pub fn without_system_roots(self) -> Self {
        Self { system_roots: false, ..self }
    }

    /// Builds the mailer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// - [`DeliveryError::Sender`] when the sender is not an address.
    /// - [`DeliveryError::SmtpHost`] when the host or the name for EHLO is not a DNS name or IP address.
    /// - [`DeliveryError::NoRootCertificates`] when no root certificate is trusted.
    /// - [`DeliveryError::RootCertificate`] when an additional certificate is malformed.
    /// - [`DeliveryError::Tls`] when the TLS configuration is invalid.
    pub fn build(self) -> Result<SmtpMailer, DeliveryError> {
        let from: Mailbox = self.from.parse().map_err(|_| DeliveryError::Sender)?;
        let hello_name = self.hello_name.clone().unwrap_or_else(|| from.email.domain().to_owned());
        for name in [&self.host, &hello_name] {
            ServerName::try_from(name.as_str()).map_err(|_| DeliveryError::SmtpHost)?;
        }
        let (encryption, port) = match self.mode {
            Mode::Tls => (Encryption::Tls(self.tls()?), 465),
            Mode::StartTls => (Encryption::StartTls(self.tls()?), 587),
            Mode::PlainText => (Encryption::None, 25),
        };
        let inner = Inner {
            host: self.host,
            port: self.port.unwrap_or(port),
            encryption,
            credentials: self.credentials,
            hello_name: ClientId::Domain(hello_name),
            from,
            connections: Connections::default(),
        };
        Ok(SmtpMailer { inner: Arc::new(inner) })
    }

    fn tls(&self) -> Result<TlsParameters, DeliveryError> {
        let system = self.system_roots && !rustls_native_certs::load_native_certs().certs.is_empty();
        if !system && self.roots.is_empty() {
            return Err(DeliveryError::NoRootCertificates);
        }
        let store = if self.system_roots { CertificateStore::Default } else { CertificateStore::None };
        let mut tls = TlsParameters::builder(self.host.clone()).certificate_store(store);
        for der in &self.roots {
            let root = Certificate::from_der(der.clone());
            tls = tls.add_root_certificate(root.map_err(|error| DeliveryError::RootCertificate(error.into()))?);
        }
        tls.build_rustls().map_err(|error| DeliveryError::Tls(error.into()))
    }
}

impl fmt::Debug for SmtpMailerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailerBuilder").field("host", &self.host).finish_non_exhaustive()
    }
}
