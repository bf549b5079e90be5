//! Reasons for a failed request, as the visitor reads them.

use challenges_core::{Error, Invalid};
use http::StatusCode;
use serde_json::{Value, json};

/// A request that cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("no such page")]
    NoSuchPage,
    /// The method is not allowed. Contains the allowed methods.
    #[error("the method is not allowed here")]
    Method(&'static str),
    #[error("the request comes from another site")]
    OtherOrigin,
    #[error("a prefetch or preview decides nothing; open the page itself")]
    Prefetch,
    /// Nobody is signed in. Browsers are redirected to the login page of the application.
    #[error("sign in first")]
    SignedOut,
    /// The login waited too long for the second factor, or the browser lost the cookie.
    #[error("the login has expired; sign in again")]
    LoginExpired,
    #[error("the request is malformed")]
    Malformed,
    #[error("the body is too large")]
    TooLarge,
    /// The user has to pass a challenge first. Browsers are redirected to the page for this.
    #[error("a second factor is needed first")]
    StepUpNeeded,
    #[error("the user has no factor to answer with")]
    NoFactor,
    #[error(transparent)]
    Core(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Grant(_) => Self::StepUpNeeded,
            error => Self::Core(error),
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Error::from(invalid).into()
    }
}

impl Problem {
    /// Returns the message for the visitor.
    pub(crate) const fn message(&self) -> &'static str {
        match self {
            Self::NoSuchPage | Self::Core(Error::NotFound) => "problem-no-such-page",
            Self::Method(_) => "problem-method",
            Self::OtherOrigin => "problem-other-origin",
            Self::Prefetch => "problem-prefetch",
            Self::SignedOut => "problem-signed-out",
            Self::LoginExpired => "problem-login-expired",
            Self::Malformed => "problem-malformed",
            Self::TooLarge => "problem-too-large",
            Self::StepUpNeeded => "problem-step-up-needed",
            Self::NoFactor => "problem-no-factor",
            Self::Core(Error::AnswerRefused) => "problem-refused",
            Self::Core(Error::Invalid(Invalid::TooManyMessages { .. })) => "problem-too-many-messages",
            Self::Core(Error::Invalid(_)) => "problem-invalid",
            Self::Core(_) => "problem-unavailable",
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPage | Self::Core(Error::NotFound) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::OtherOrigin => StatusCode::FORBIDDEN,
            Self::SignedOut | Self::LoginExpired | Self::StepUpNeeded => StatusCode::UNAUTHORIZED,
            Self::Malformed | Self::Prefetch | Self::Core(Error::Invalid(_) | Error::AnswerRefused) => {
                StatusCode::BAD_REQUEST
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoFactor => StatusCode::CONFLICT,
            Self::Core(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the allowed methods, if the method was wrong.
    pub(crate) const fn allow(&self) -> Option<&'static str> {
        if let Self::Method(allow) = self { Some(*allow) } else { None }
    }

    /// Returns the response body for programs, in the form of the API's errors. Logs the details of a failure.
    pub(crate) fn into_json(self) -> Value {
        self.report();
        let code = self.message().trim_start_matches("problem-").replace('-', "_");
        match self {
            Self::Core(error) => {
                let error = challenges_http::Error::from(error);
                json!({ "error_code": error.code(), "error_message": error.to_string() })
            }
            problem => json!({ "error_code": code, "error_message": problem.to_string() }),
        }
    }

    /// Logs the details of a failure of the service.
    pub(crate) fn report(&self) {
        if let Self::Core(error) = self
            && self.status().is_server_error()
        {
            tracing::error!(%error, "a page failed");
        }
    }
}
