use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not done.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorMessage {
    /// A short name of the error, for programs.
    pub(crate) error_code: &'static str,
    /// What is wrong and what to do about it, for people.
    pub(crate) error_message: String,
}
