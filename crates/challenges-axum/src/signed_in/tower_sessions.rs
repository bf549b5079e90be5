use std::fmt;

use async_trait::async_trait;
use axum::http::request::Parts;
use challenges_core::Owner;
use serde::de::DeserializeOwned;
use tower_sessions_core::Session;

use super::SignedIn;

/// The user of a session of tower-sessions 0.15, by a value stored in the session at sign-in.
///
/// Add the `SessionManagerLayer` of tower-sessions after the [`StepUpLayer`](crate::StepUpLayer), so that the session
/// is read first.
///
/// # Security
///
/// - tower-sessions gives every visitor a session. The session proves a sign-in only if nothing but the login stores
///   the value.
/// - The login calls `Session::cycle_id`, against session fixation. The sign-out calls `Session::flush`.
/// - The value lasts as long as the session, even if the user is deleted in the meantime.
///
/// # Examples
///
/// ```
/// use challenges_axum::{StepUpGate, StepUpLayer, TowerSession};
/// use challenges_core::Owner;
///
/// fn by_id(gate: StepUpGate) -> StepUpLayer {
///     // The login calls `session.insert("user_id", user.id)` with a `String`.
///     StepUpLayer::new(gate, TowerSession::user_id("user_id"))
/// }
///
/// fn by_number(gate: StepUpGate) -> StepUpLayer {
///     StepUpLayer::new(gate, TowerSession::new("account", |number: u64| Owner::user(number.to_string()).ok()))
/// }
/// ```
pub struct TowerSession<T> {
    key: String,
    owner: Box<dyn Fn(T) -> Option<Owner> + Send + Sync>,
}

impl TowerSession<String> {
    /// Signs in [`Owner::user`] with the string stored for `key`.
    pub fn user_id(key: impl Into<String>) -> Self {
        Self::new(key, |user_id| Owner::user(user_id).ok())
    }
}

impl<T: DeserializeOwned> TowerSession<T> {
    /// Signs in the owner returned by `owner` for the value stored for `key`. `None` means not signed in.
    ///
    /// `owner` must not map two users to one owner.
    pub fn new(key: impl Into<String>, owner: impl Fn(T) -> Option<Owner> + Send + Sync + 'static) -> Self {
        Self { key: key.into(), owner: Box::new(owner) }
    }
}

#[async_trait]
impl<T: DeserializeOwned + 'static> SignedIn for TowerSession<T> {
    async fn user(&self, request: &Parts) -> Option<Owner> {
        let Some(session) = request.extensions.get::<Session>() else {
            tracing::error!(
                "no session of tower-sessions 0.15; add the SessionManagerLayer after the StepUpLayer and the pages, or pass a function for another version"
            );
            return None;
        };
        match session.get_value(&self.key).await {
            Ok(value) => {
                let value = T::deserialize(value?).inspect_err(|_| {
                    // The error itself is not logged: the message contains the value.
                    tracing::error!(key = self.key, "the session has a value of another type");
                });
                (self.owner)(value.ok()?)
            }
            Err(error) => {
                tracing::error!(%error, "cannot read the session");
                None
            }
        }
    }
}

impl<T> fmt::Debug for TowerSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerSession").field("key", &self.key).finish_non_exhaustive()
    }
}
