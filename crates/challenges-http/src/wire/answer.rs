use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An answer that was accepted.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChallengeAnswer {
    pub(crate) spec: ChallengeAnswerSpec,
}

/// The accepted answer and what it gives.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChallengeAnswerSpec {
    /// The answer that was given. It is used up.
    pub(crate) answer: String,
    /// The challenge that was answered.
    pub(crate) challenge_id: String,
    /// What the challenge's creator wanted to be handed out: once, and only when the user allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub(crate) answer_data: Option<Box<RawValue>>,
}

/// An answer in a body, so that its secret is in no URL and no log.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AnswerSubmission {
    /// The code, the link's secret, or the assertion.
    pub(crate) challenge_answer: String,
    /// Whether the user allows. Declining needs the right answer as well.
    pub(crate) allowed: bool,
    /// Which of the challenge's types is answered.
    pub(crate) challenge_type: String,
    /// Who answers.
    pub(crate) challenge_uid: Option<String>,
    /// The number that is shown where the challenge was started, where it asks for one.
    pub(crate) number_match: Option<String>,
}
