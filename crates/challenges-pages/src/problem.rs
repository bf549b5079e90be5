//! Reasons for which a request fails, as the visitor reads them.

use challenges_core::Error;
use http::StatusCode;

/// A request that cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("no such page")]
    NoSuchPage,
    #[error("the method is not allowed here")]
    Method,
    #[error("the request comes from another site")]
    OtherOrigin,
    #[error("nobody is signed in")]
    SignedOut,
    #[error("the request is malformed")]
    Malformed,
    /// The user has to pass a challenge first. Browsers are redirected to the page for this.
    #[error("a second factor is needed first")]
    StepUpNeeded,
    #[error(transparent)]
    Core(#[from] Error),
}

impl Problem {
    /// Returns the message for the visitor.
    pub(crate) const fn message(&self) -> &'static str {
        match self {
            Self::NoSuchPage => "problem-no-such-page",
            Self::Method => "problem-method",
            Self::OtherOrigin => "problem-other-origin",
            Self::SignedOut => "problem-signed-out",
            Self::Malformed => "problem-malformed",
            Self::StepUpNeeded => "problem-step-up-needed",
            Self::Core(_) => "problem-unavailable",
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::OtherOrigin => StatusCode::FORBIDDEN,
            Self::SignedOut | Self::StepUpNeeded => StatusCode::UNAUTHORIZED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Core(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
