use challenges_core::{Error, Invalid};
use http::StatusCode;

/// Why a person does not get what they asked for. Its text is for them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("You are not signed in, or your session has ended. Please sign in again.")]
    SignedOut,
    #[error("This request came from another website, so it was not carried out.")]
    OtherOrigin,
    #[error(
        "Please give a user name of at most 255 characters, fewer with accents or in other scripts, without line breaks."
    )]
    UserName,
    #[error("This request is not one that the demo understands. Please reload the page.")]
    Malformed,
    #[error("There is nothing at this address.")]
    NoSuchPage,
    #[error("This address cannot be used that way.")]
    Method,
    #[error("This does not exist any more: it was removed, or its time is over.")]
    Gone,
    #[error(
        "That code was not accepted. Wait until your app shows the next one: each code works once. After five wrong ones, start the step-up again."
    )]
    AnswerRefused,
    #[error("That code was not accepted. Wait until your app shows the next one, and enter that.")]
    EnrollmentAnswer,
    #[error("This authenticator app is confirmed already, or waited too long. Please add it again.")]
    EnrollmentClosed,
    #[error("You have {0} authenticator apps, which is as many as there can be. Remove one first.")]
    TooManyEnrollments(usize),
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Service(#[source] Error),
}

impl Problem {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::OtherOrigin => StatusCode::FORBIDDEN,
            Self::NoSuchPage | Self::Gone => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Service(Error::Store(_) | Error::Contended) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Service(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::Gone,
            Error::AnswerRefused => Self::AnswerRefused,
            Error::Invalid(Invalid::EnrollmentAnswer) => Self::EnrollmentAnswer,
            Error::Invalid(Invalid::EnrollmentClosed) => Self::EnrollmentClosed,
            Error::Invalid(Invalid::TooMany { max, .. }) => Self::TooManyEnrollments(max),
            error => Self::Service(error),
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Error::from(invalid).into()
    }
}
