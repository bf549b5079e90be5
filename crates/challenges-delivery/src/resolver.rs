use std::fmt::Debug;
use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Resolves host names.
///
/// The [`Guard`](crate::Guard) checks every address that a resolver returns. The client connects to a checked address.
#[async_trait]
pub trait Resolver: Debug + Send + Sync + 'static {
    /// Returns the addresses of a domain, in order of preference.
    ///
    /// # Errors
    ///
    /// [`io::Error`] when the domain has no address, or the look-up fails.
    async fn resolve(&self, domain: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit value that callers name")]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, domain: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((domain, 0)).await?.map(|address| address.ip()).collect())
    }
}
