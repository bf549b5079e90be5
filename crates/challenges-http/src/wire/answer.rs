use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::optional::optional;

/// An accepted answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChallengeAnswer {
    pub(crate) spec: ChallengeAnswerSpec,
}

/// The accepted answer and the answer data of the challenge.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChallengeAnswerSpec {
    /// The submitted answer, which cannot be used again.
    pub(crate) answer: String,
    /// The id of the challenge.
    pub(crate) challenge_id: String,
    /// The answer_data of the challenge. Returned once, and only if the user allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub(crate) answer_data: Option<Box<RawValue>>,
}

/// An answer in a body, to keep its secret out of URLs and logs.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AnswerSubmission {
    /// The code, the secret of the link, the short code of the message, or the assertion.
    pub(crate) challenge_answer: String,
    /// true to allow, false to decline. Declining requires the right answer as well.
    pub(crate) allowed: bool,
    /// The challenge type of the answer.
    pub(crate) challenge_type: String,
    /// The id of the answering user.
    #[serde(default, deserialize_with = "optional")]
    pub(crate) challenge_uid: Option<String>,
    /// The number shown where the challenge was started. Required if the challenge has number_match.
    #[serde(default, deserialize_with = "optional")]
    pub(crate) number_match: Option<String>,
}
