use std::fmt::Debug;
use std::io;
use std::net::IpAddr;

use async_trait::async_trait;
use tokio::sync::Semaphore;

/// The maximum number of concurrent look-ups in the process: by default half of the threads that tokio has for blocking
/// calls.
static LOOKUPS: Semaphore = Semaphore::const_new(256);

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
///
/// A process runs at most 256 look-ups at once. The operating system offers no way to cancel a look-up, so a look-up
/// counts until its end, even after the timeout of the request. Further look-ups wait until the timeout of the
/// connection, and the request fails with [`DeliveryError::Timeout`](crate::DeliveryError::Timeout) and is retried.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit value that callers name")]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, domain: &str) -> io::Result<Vec<IpAddr>> {
        let domain = domain.to_owned();
        let lookup = async move {
            let addresses = tokio::net::lookup_host((domain.as_str(), 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        };
        bounded(&LOOKUPS, lookup).await
    }
}

/// Runs a look-up in a task, which keeps a permit until the look-up ends, even when the caller is gone.
async fn bounded<T: Send + 'static>(
    lookups: &'static Semaphore,
    lookup: impl Future<Output = io::Result<T>> + Send + 'static,
) -> io::Result<T> {
    let permit = lookups.acquire().await.map_err(io::Error::other)?;
    let task = tokio::spawn(async move {
        let found = lookup.await;
        drop(permit);
        found
    });
    task.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
