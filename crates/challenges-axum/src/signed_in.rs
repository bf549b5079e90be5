//! The signed-in user, by the host's session.

#[cfg(feature = "axum-login")]
pub(crate) mod axum_login;
#[cfg(feature = "tower-sessions")]
pub(crate) mod tower_sessions;

use async_trait::async_trait;
use axum::http::request::Parts;
use challenges_core::Owner;

/// Identifies the signed-in user by the host's session. Implemented for functions `Fn(&Parts) -> Option<Owner>`, and
/// for the sessions of well-known crates:
///
/// | crate | feature | implementation |
/// |---|---|---|
/// | axum-login | `axum-login` | `AxumLogin` |
/// | tower-sessions | `tower-sessions` | `TowerSession` |
///
/// # Security
///
/// If an implementation takes an attacker for a user, the attacker is admitted with a stolen token of that user. Use
/// the session alone. A user name in the path or in a header of the request proves nothing.
#[async_trait]
pub trait SignedIn: Send + Sync + 'static {
    /// Returns the signed-in user, or `None` if nobody is signed in or the session cannot be read.
    async fn user(&self, request: &Parts) -> Option<Owner>;
}

#[async_trait]
impl<F> SignedIn for F
where
    F: Fn(&Parts) -> Option<Owner> + Send + Sync + 'static,
{
    async fn user(&self, request: &Parts) -> Option<Owner> {
        self(request)
    }
}
