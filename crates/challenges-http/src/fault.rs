use std::error::Error as StdError;

use challenges_core::store::StoreError;
use challenges_core::{Error, Invalid};
use http::StatusCode;

use crate::route::Resource;
use crate::{fault_code, fault_text};

/// A failed request. `Display` is the `error_message` of the response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no such path; see the operations in the OpenAPI document")]
    NoRoute,
    #[error("method not allowed for this path; use a method of the Allow header")]
    Method(Resource),
    #[error("send a valid bearer token in the Authorization header")]
    Unauthorized,
    #[error("the bearer token cannot be checked now; try again later")]
    AuthorizerUnavailable(#[source] Box<dyn StdError + Send + Sync>),
    #[error("sign in first")]
    SignedOut,
    #[error("step-up required: pass a challenge first")]
    StepUpNeeded { max_age: u64, acr_values: Option<&'static str> },
    #[error("the challenge was passed for another purpose; pass a challenge for this one")]
    OtherPurpose,
    #[error("this bearer token may not act for the user in user_id; use a token of that user or of a service")]
    UserOutOfReach,
    #[error("this bearer token may not act for the organisation in org_id; use a token of that organisation")]
    OrganisationOutOfReach,
    #[error("this bearer token may not grant a scope in scopes; remove the scope or use another token")]
    ScopeOutOfReach,
    #[error("this bearer token may not create one-time-use actions; use another token")]
    ActionsOutOfReach,
    #[error("user_id is required with this bearer token")]
    UserUnnamed,
    #[error("user_id differs between the query and the body; send the same user or only one of the two")]
    TwoUsers,
    #[error("the body is larger than {limit} bytes; send a smaller body")]
    TooLarge { limit: usize },
    #[error("the body is incomplete; send the request again")]
    BodyCut,
    #[error("the body is not valid JSON")]
    NotJson,
    #[error("the body is not a JSON object")]
    NotAnObject,
    #[error("the body is larger than this server accepts; send a smaller body")]
    TooLargeForHost,
    #[error("a prefetch or preview decides nothing; open the link itself")]
    Prefetch,
    #[error("{}: {}", .0.property, .0.expected)]
    Malformed(Malformed),
    #[error("a query parameter is repeated; send each parameter once")]
    RepeatedParameter,
    #[error("the query is not valid UTF-8; percent-encode UTF-8 text")]
    QueryNotUtf8,
    #[error("the query parameter {name} is required")]
    MissingParameter { name: &'static str },
    #[error("the query parameter {name} must be true or false")]
    NotABoolean { name: &'static str },
    #[error("challenge_type must not be one_time_use_action; POST to /v1/challenges/one_time_use_actions instead")]
    OneTimeUseActionType,
    #[error("the user_id of an actor is too long: links may have at most 1024 characters")]
    LinkTooLong,
    #[error("{}", fault_text::of(.0))]
    Core(Error),
    #[error("{}", fault_text::INTERNAL)]
    Broken,
}

/// A missing or malformed property of the body.
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
            Self::Unauthorized | Self::SignedOut | Self::StepUpNeeded { .. } | Self::Core(Error::StepUp(_)) => {
                StatusCode::UNAUTHORIZED
            }
            Self::UserOutOfReach
            | Self::OrganisationOutOfReach
            | Self::ScopeOutOfReach
            | Self::ActionsOutOfReach
            | Self::Core(Error::Grant(_)) => StatusCode::FORBIDDEN,
            Self::TooLarge { .. } | Self::TooLargeForHost => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Core(Error::AnswerRefused | Error::Invalid(_)) => StatusCode::BAD_REQUEST,
            // Not 503, because retrying does not help until an operator makes room.
            Self::Core(Error::Store(StoreError::Full(_))) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Core(Error::Store(StoreError::Corrupt(_))) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Core(Error::Store(_) | Error::Contended) | Self::AuthorizerUnavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Core(_) | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns the `error_code` of the response.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::Method(_) => "method_not_allowed",
            Self::Unauthorized => "unauthorized",
            Self::AuthorizerUnavailable(_) => "authorizer_unavailable",
            Self::SignedOut => "signed_out",
            Self::StepUpNeeded { .. } => "step_up_needed",
            Self::OtherPurpose => "other_purpose",
            Self::UserOutOfReach => "user_out_of_reach",
            Self::OrganisationOutOfReach => "organisation_out_of_reach",
            Self::ScopeOutOfReach => "scope_out_of_reach",
            Self::ActionsOutOfReach => "actions_out_of_reach",
            Self::UserUnnamed => "user_unnamed",
            Self::TwoUsers => "two_users",
            Self::TooLarge { .. } | Self::TooLargeForHost => "body_too_large",
            Self::Prefetch => "prefetch",
            Self::BodyCut => "body_cut",
            Self::NotJson => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::Malformed(_) => "malformed_property",
            Self::RepeatedParameter => "repeated_parameter",
            Self::QueryNotUtf8 => "query_not_utf8",
            Self::MissingParameter { .. } => "missing_parameter",
            Self::NotABoolean { .. } => "not_a_boolean",
            Self::OneTimeUseActionType => "one_time_use_action_type",
            Self::LinkTooLong => "link_too_long",
            Self::Core(error) => fault_code::of(error),
            Self::Broken => "internal_error",
        }
    }

    /// Logs details that the caller must not see.
    pub(crate) fn report(&self) {
        match self {
            // The text of this error can contain decrypted secrets of the record.
            Self::Core(Error::Body(source)) => {
                tracing::error!(category = ?source.classify(), line = source.line(), "a stored record is malformed");
            }
            Self::AuthorizerUnavailable(_) => tracing::error!(error = chain(self), "cannot check a bearer token"),
            Self::Core(error) if self.status().is_server_error() => {
                tracing::error!(error = chain(error), "request failed");
            }
            _ => {}
        }
    }
}

/// Formats an error together with all its sources.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
