use std::fmt::Debug;
use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Tells the addresses of a host.
///
/// Whatever it says, each address goes through the [`Guard`](crate::Guard), and the connection to one that passed.
#[async_trait]
pub trait Resolver: Debug + Send + Sync + 'static {
    /// The addresses of a domain, best first.
    ///
    /// # Errors
    ///
    /// When it has none, or nobody knows.
    async fn resolve(&self, domain: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, domain: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((domain, 0)).await?.map(|address| address.ip()).collect())
    }
}
