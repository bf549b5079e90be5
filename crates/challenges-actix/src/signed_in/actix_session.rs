use std::fmt;

use actix_session::SessionExt as _;
use actix_web::HttpRequest;
use async_trait::async_trait;
use challenges_core::Owner;
use serde::de::DeserializeOwned;

use super::SignedIn;

/// The user of a session of actix-session 0.11, by a value stored in the session at sign-in.
///
/// Wrap `SessionMiddleware` after the [`StepUpMiddleware`](crate::StepUpMiddleware), so that the session is read first.
/// Without `SessionMiddleware`, and with the middleware of another version of actix-session, nobody is signed in. For
/// another version, pass a function of the request as [`SignedIn`].
///
/// # Security
///
/// - actix-session gives every visitor a session. The session proves a sign-in only if nothing but the login stores the
///   value.
/// - The login calls `Session::renew`, against session fixation. The sign-out calls `Session::purge`.
/// - The value lasts as long as the session, even if the user is deleted in the meantime.
/// - A session in a cookie (`CookieSessionStore`) has no server-side state: a copied cookie stays valid after the
///   sign-out.
///
/// # Examples
///
/// ```
/// use challenges_actix::{ActixSession, StepUpGate, StepUpMiddleware};
/// use challenges_core::Owner;
///
/// fn by_id(gate: StepUpGate) -> StepUpMiddleware {
///     // The login calls `session.insert("user_id", user.id)` with a `String`.
///     StepUpMiddleware::new(gate, ActixSession::user_id("user_id"))
/// }
///
/// fn by_number(gate: StepUpGate) -> StepUpMiddleware {
///     StepUpMiddleware::new(gate, ActixSession::new("account", |number: u64| Owner::user(number.to_string()).ok()))
/// }
/// ```
pub struct ActixSession<T> {
    key: String,
    owner: Box<dyn Fn(T) -> Option<Owner> + Send + Sync>,
}

impl ActixSession<String> {
    /// Signs in [`Owner::user`] with the string stored for `key`.
    pub fn user_id(key: impl Into<String>) -> Self {
        Self::new(key, |user_id| Owner::user(user_id).ok())
    }
}

impl<T: DeserializeOwned> ActixSession<T> {
    /// Signs in the owner returned by `owner` for the value stored for `key`. `None` means not signed in.
    ///
    /// `owner` must not map two users to one owner.
    pub fn new(key: impl Into<String>, owner: impl Fn(T) -> Option<Owner> + Send + Sync + 'static) -> Self {
        Self { key: key.into(), owner: Box::new(owner) }
    }
}

#[async_trait(?Send)]
impl<T: DeserializeOwned + 'static> SignedIn for ActixSession<T> {
    async fn user(&self, request: &HttpRequest) -> Option<Owner> {
        let value = request.get_session().get::<T>(&self.key).inspect_err(|_| {
            // The error itself is not logged: the message contains the value.
            tracing::error!(key = self.key, "the session has a value of another type");
        });
        (self.owner)(value.ok()??)
    }
}

impl<T> fmt::Debug for ActixSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActixSession").field("key", &self.key).finish_non_exhaustive()
    }
}
