use serde::Serialize;
use utoipa::ToSchema;

/// The error of a failed request.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorMessage {
    /// The name of the error, for programs.
    pub(crate) error_code: &'static str,
    /// A description of the error and its remedy, for people.
    pub(crate) error_message: String,
}
