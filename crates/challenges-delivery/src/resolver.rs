mod lookups;

use std::fmt::Debug;
use std::io;
use std::net::IpAddr;
use std::sync::LazyLock;

use async_trait::async_trait;

use lookups::Lookups;
pub(crate) use lookups::Share;

/// The limits of concurrent look-ups in the process: together half of the threads that tokio has for blocking calls by
/// default.
static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| Lookups::new(64, 192, 4));

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
/// A process limits the look-ups at once:
///
/// | look-up of | limit |
/// |---|--:|
/// | a host on the list of the [`Guard`](crate::Guard), and every host for text messages, e-mails and the host's own requests | 64 |
/// | any other host of a push subscription or HTTP action | 192 in all, and 4 for each user |
///
/// The operating system offers no way to cancel a look-up, so a look-up counts until its end, even after the timeout of
/// the request. Further look-ups wait until the timeout of the connection, and the request fails with
/// [`DeliveryError::Timeout`](crate::DeliveryError::Timeout) and is retried.
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
        LOOKUPS.run(&Share::current(), lookup).await
    }
}

#[cfg(test)]
mod tests;
