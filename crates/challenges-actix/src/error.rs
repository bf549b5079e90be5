use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::convert;

/// An error of `challenges-core` as a response, for handlers of the host.
///
/// Errors with a conversion to [`challenges_http::Error`] convert to this type with `?`. The status, body and log entry
/// are those of [`challenges_http::Error`].
///
/// # Examples
///
/// ```
/// use actix_web::web::{Data, Path};
/// use challenges_actix::Error;
/// use challenges_core::{ChallengeId, Challenges};
///
/// async fn state(challenges: Data<Challenges>, id: Path<ChallengeId>) -> Result<&'static str, Error> {
///     Ok(challenges.get(*id).await?.state().as_str())
/// }
/// ```
pub struct Error(challenges_http::Error);

impl<E: Into<challenges_http::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        convert::status(self.0.status())
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(self.0.response())
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
