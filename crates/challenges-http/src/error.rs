//! Errors of core as responses.

use std::fmt;

use challenges_core as core;
use http::StatusCode;

use crate::fault::Fault;
use crate::response::{self, Response};
use crate::step_up::GrantError;

/// An error of `challenges-core` as a response, in the form of the API's own errors.
///
/// `challenges-axum` and `challenges-actix` each wrap this type in an `Error`, so that handlers of the host may use `?`
/// on calls to `challenges-core`. Errors with a conversion to [`challenges_core::Error`] convert to this type.
///
/// | error | status |
/// |---|---|
/// | `Invalid`, `AnswerRefused`, [`GrantError::OtherPurpose`] | 400 |
/// | `StepUp` | 401 |
/// | `Grant` | 403 |
/// | `NotFound` | 404 |
/// | `Store` (`Full`) | 507 |
/// | `Store` (`Unavailable`, `OutcomeUnknown`), `Contended` | 503 |
/// | all others | 500 |
///
/// The body is the API's `ErrorMessage`, with the names of the JSON properties of the API. `Display` and `Debug` show
/// the same text. [`Error::response`] logs hidden details through `tracing`.
///
/// # Examples
///
/// ```
/// use challenges_core::ChallengeId;
/// use challenges_http::Error;
///
/// fn parse(id: &str) -> Result<ChallengeId, Error> {
///     Ok(id.parse::<ChallengeId>()?)
/// }
///
/// assert_eq!(parse("no id").unwrap_err().response().status(), 404);
/// ```
pub struct Error(Kind);

enum Kind {
    Fault(Fault),
    /// The redirection to the page for the second factor.
    Redirect(Box<Response>),
}

impl Error {
    /// Returns an error whose response redirects to the page for the second factor. For the pages.
    #[doc(hidden)]
    #[must_use]
    pub const fn redirect(redirect: Box<Response>) -> Self {
        Self(Kind::Redirect(redirect))
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            Kind::Fault(fault) => fault.status(),
            Kind::Redirect(redirect) => redirect.status(),
        }
    }

    /// Returns the `error_code` of the response.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.0 {
            Kind::Fault(fault) => fault.code(),
            Kind::Redirect(_) => "second_factor_needed",
        }
    }

    /// Returns the response, and logs the details of an error with a status of 500 or more.
    #[must_use]
    pub fn response(&self) -> Response {
        match &self.0 {
            Kind::Fault(fault) => response::refusal(fault),
            Kind::Redirect(redirect) => redirect.as_ref().clone(),
        }
    }
}

impl<E: Into<core::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Kind::Fault(Fault::Core(error.into())))
    }
}

impl From<GrantError> for Error {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::OtherPurpose { .. } => Self(Kind::Fault(Fault::OtherPurpose)),
            GrantError::Core(error) => error.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Fault(fault) => fmt::Display::fmt(fault, f),
            Kind::Redirect(_) => f.write_str("the user has to pass a second factor first"),
        }
    }
}

impl fmt::Debug for Error {
    /// Leaves out the error of core: the text may contain a decrypted record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("code", &self.code()).field("message", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
