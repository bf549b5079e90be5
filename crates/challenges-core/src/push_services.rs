use std::fmt;

use crate::uri::has_public_name;

/// Decides which push services a subscription may name. Set by
/// [`Builder::push_services`](crate::Builder::push_services).
///
/// Pass the guard of the push messages: `Guard` of `challenges-delivery` implements this trait. The call must be cheap
/// and must not resolve names.
///
/// An implementation that admits too much lets users register subscriptions that never receive a message. The guard
/// still checks each request, with the resolved addresses, when a message is sent.
///
/// # Examples
///
/// ```
/// use challenges_core::endpoints::PushServices;
///
/// #[derive(Debug)]
/// struct OurPushService;
///
/// impl PushServices for OurPushService {
///     fn admits(&self, endpoint: &str) -> bool {
///         endpoint.starts_with("https://push.example.org/")
///     }
/// }
/// ```
pub trait PushServices: fmt::Debug + Send + Sync + 'static {
    /// Returns whether messages may be sent to the URL. The URL has the form that
    /// [`PushSubscription::new`](crate::endpoints::PushSubscription::new) asks for.
    fn admits(&self, endpoint: &str) -> bool;
}

/// The push services of the public Internet: port 443 of a host with a public name.
#[derive(Debug)]
pub(crate) struct PublicPushServices;

impl PushServices for PublicPushServices {
    fn admits(&self, endpoint: &str) -> bool {
        has_public_name(endpoint)
    }
}

#[cfg(test)]
mod tests;
