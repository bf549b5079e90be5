//! The signed-in user, by the host's session.

#[cfg(feature = "actix-identity")]
pub(crate) mod actix_identity;
#[cfg(feature = "actix-session")]
pub(crate) mod actix_session;

use actix_web::HttpRequest;
use async_trait::async_trait;
use challenges_core::Owner;

/// Identifies the signed-in user by the host's session. Implemented for functions `Fn(&HttpRequest) -> Option<Owner>`,
/// and for the sessions of well-known crates:
///
/// | crate | feature | implementation |
/// |---|---|---|
/// | actix-identity | `actix-identity` | `ActixIdentity` |
/// | actix-session | `actix-session` | `ActixSession` |
///
/// # Security
///
/// If an implementation takes an attacker for a user, the attacker is admitted with a stolen token of that user. Use
/// the session alone. A user name in the path or in a header of the request proves nothing.
#[async_trait(?Send)]
pub trait SignedIn: Send + Sync + 'static {
    /// Returns the signed-in user, or `None` if nobody is signed in or the session cannot be read.
    async fn user(&self, request: &HttpRequest) -> Option<Owner>;
}

#[async_trait(?Send)]
impl<F> SignedIn for F
where
    F: Fn(&HttpRequest) -> Option<Owner> + Send + Sync + 'static,
{
    async fn user(&self, request: &HttpRequest) -> Option<Owner> {
        self(request)
    }
}
