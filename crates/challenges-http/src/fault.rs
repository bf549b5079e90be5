use std::error::Error as StdError;

use challenges_core::store::StoreError;
use challenges_core::{Error, Invalid};
use http::StatusCode;

use crate::fault_code;
use crate::route::Resource;

/// Why a request is not done. What it prints goes to the caller.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("there is nothing at this path")]
    NoRoute,
    #[error("this path has no such method; see the Allow header")]
    Method(Resource),
    #[error("send a valid bearer token in the Authorization header")]
    Unauthorized,
    #[error("sign in first")]
    SignedOut,
    #[error("pass a challenge for this first")]
    StepUpNeeded { max_age: u64 },
    #[error("the bearer token does not allow acting for this user")]
    UserOutOfReach,
    #[error("the bearer token does not allow acting for this organisation")]
    OrganisationOutOfReach,
    #[error("the bearer token does not allow granting a scope that an action asks for")]
    ScopeOutOfReach,
    #[error("the bearer token does not allow adding or removing enrollments")]
    EnrollingOutOfReach,
    #[error("the bearer token does not allow creating one-time-use actions")]
    ActionsOutOfReach,
    #[error("name the user, in user_id")]
    UserUnnamed,
    #[error("the query and the body name different users in user_id")]
    TwoUsers,
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the body ended before it was complete")]
    BodyCut,
    #[error("the body is not valid JSON")]
    NotJson,
    #[error("the body is not a JSON object")]
    NotAnObject,
    #[error("{}: {}", .0.property, .0.expected)]
    Malformed(Malformed),
    #[error("a query parameter is given more than once")]
    RepeatedParameter,
    #[error("the query is not UTF-8")]
    QueryNotUtf8,
    #[error("the query parameter {name} is required")]
    MissingParameter { name: &'static str },
    #[error("the query parameter {name} must be true or false")]
    NotABoolean { name: &'static str },
    #[error("the user_id of an actor is too long for the links to have at most 1024 characters")]
    LinkTooLong,
    #[error("{}", outward(.0))]
    Core(Error),
    #[error("internal error; the service's log has the reason")]
    Broken,
}

/// A property that is missing or of the wrong form.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) property: String,
    pub(crate) expected: String,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<Invalid> for Fault {
    fn from(invalid: Invalid) -> Self {
        Self::Core(invalid.into())
    }
}

impl Fault {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute | Self::Core(Error::NotFound) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized | Self::SignedOut | Self::StepUpNeeded { .. } => StatusCode::UNAUTHORIZED,
            Self::UserOutOfReach
            | Self::OrganisationOutOfReach
            | Self::ScopeOutOfReach
            | Self::EnrollingOutOfReach
            | Self::ActionsOutOfReach => StatusCode::FORBIDDEN,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Core(Error::AnswerRefused | Error::Invalid(_)) => StatusCode::BAD_REQUEST,
            // Told apart from a passing outage: this one does not pass until somebody makes room.
            Self::Core(Error::Store(StoreError::Full(_))) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Core(Error::Store(StoreError::Corrupt(_))) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Core(Error::Store(_) | Error::Contended) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Core(_) | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// A short name for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::Method(_) => "method_not_allowed",
            Self::Unauthorized => "unauthorized",
            Self::SignedOut => "signed_out",
            Self::StepUpNeeded { .. } => "step_up_needed",
            Self::UserOutOfReach => "user_out_of_reach",
            Self::OrganisationOutOfReach => "organisation_out_of_reach",
            Self::ScopeOutOfReach => "scope_out_of_reach",
            Self::EnrollingOutOfReach => "enrolling_out_of_reach",
            Self::ActionsOutOfReach => "actions_out_of_reach",
            Self::UserUnnamed => "user_unnamed",
            Self::TwoUsers => "two_users",
            Self::TooLarge { .. } => "body_too_large",
            Self::BodyCut => "body_cut",
            Self::NotJson => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::Malformed(_) => "malformed_property",
            Self::RepeatedParameter => "repeated_parameter",
            Self::QueryNotUtf8 => "query_not_utf8",
            Self::MissingParameter { .. } => "missing_parameter",
            Self::NotABoolean { .. } => "not_a_boolean",
            Self::LinkTooLong => "link_too_long",
            Self::Core(error) => fault_code::of(error),
            Self::Broken => "internal_error",
        }
    }

    /// Tells the host's log what the caller is not told.
    pub(crate) fn report(&self) {
        match self {
            // Its text can hold what was stored, opened secrets included.
            Self::Core(Error::Body(source)) => {
                tracing::error!(category = ?source.classify(), line = source.line(), "a stored record cannot be read");
            }
            Self::Core(error) if self.status().is_server_error() => {
                tracing::error!(error = chain(error), "request failed");
            }
            _ => {}
        }
    }
}

/// What a caller is told of an error of the service.
fn outward(error: &Error) -> String {
    match error {
        Error::AnswerRefused => "No particular reason will be given".to_owned(),
        Error::NotFound | Error::Invalid(_) | Error::Contended => error.to_string(),
        Error::Store(StoreError::Full(_)) => "there is no room for another record".to_owned(),
        Error::Store(StoreError::OutcomeUnknown(_)) => {
            "it is not known whether this was done; read before you send it again".to_owned()
        }
        Error::Store(StoreError::Unavailable(_)) => "the service's store is not available; try again later".to_owned(),
        _ => Fault::Broken.to_string(),
    }
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
