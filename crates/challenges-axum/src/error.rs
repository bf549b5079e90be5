use std::fmt;

use axum::response::{IntoResponse, Response};

/// An error of `challenges-core` as a response, for handlers of the host.
///
/// Errors with a conversion to [`challenges_http::Error`] convert to this type with `?`. The status, body and log entry
/// are those of [`challenges_http::Error`].
///
/// # Examples
///
/// ```
/// use axum::extract::{Path, State};
/// use challenges_axum::Error;
/// use challenges_core::{ChallengeId, Challenges};
///
/// async fn state(State(challenges): State<Challenges>, Path(id): Path<ChallengeId>) -> Result<&'static str, Error> {
///     Ok(challenges.get(id).await?.state().as_str())
/// }
/// ```
pub struct Error(challenges_http::Error);

impl<E: Into<challenges_http::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.0.response().into_response()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::error::Error for Error {}
