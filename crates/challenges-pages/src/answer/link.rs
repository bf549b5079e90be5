use challenges_core::{Challenge, ChallengeType, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The types answered by a link, in order of preference. The link of text and push messages is the same.
const BY_LINK: [ChallengeType; 3] = [ChallengeType::WebPush, ChallengeType::Sms, ChallengeType::Code];

/// The name of one-time-use actions among the types of answers.
const ACTION: &str = "one_time_use_action";

/// The parameters of a link.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Link {
    #[serde(default)]
    pub(super) challenge_id: String,
    /// The secret of the link. Links of e-mails have the secret in the fragment.
    #[serde(default = "no_secret")]
    #[schema(value_type = String)]
    pub(super) challenge_answer: Secret,
    /// The user to answer.
    #[serde(default)]
    pub(super) challenge_uid: String,
    /// `email` for the link of an e-mail, and `one_time_use_action` for the link of an actor. Optional for others.
    #[serde(default)]
    pub(super) challenge_type: String,
    /// The only possible answer to this link: `true` to approve, `false` to decline. Absent if both are possible.
    #[serde(default)]
    pub(super) allowed: Option<String>,
}

/// An answer by link.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Submitted {
    #[serde(flatten)]
    pub(super) link: Link,
    pub(super) decision: Choice,
    /// The number shown where the challenge was started. Needed to approve if the question has `number_match`.
    #[serde(default)]
    pub(super) number_match: String,
}

/// The choice of the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    Approve,
    Decline,
    /// Declines a challenge that the visitor did not start.
    NotMe,
}

/// The type of an answer by link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerKind {
    Type(ChallengeType),
    Action,
}

impl Link {
    pub(super) fn is_by_email(&self) -> bool {
        self.challenge_type == ChallengeType::Email.as_str()
    }

    /// Returns the type of the answer, or `None` if the challenge is not answered by such a link.
    pub(super) fn kind(&self, challenge: &Challenge) -> Option<AnswerKind> {
        let Some(types) = challenge.types() else { return Some(AnswerKind::Action) };
        if self.challenge_type == ACTION {
            return None;
        }
        if self.is_by_email() {
            return types.contains(ChallengeType::Email).then_some(AnswerKind::Type(ChallengeType::Email));
        }
        BY_LINK.into_iter().find(|kind| types.contains(*kind)).map(AnswerKind::Type)
    }

    /// Returns the only possible answer, if limited. Only the secrets of actions are limited.
    pub(super) fn only(&self, challenge: &Challenge) -> Option<bool> {
        self.allowed.as_ref()?.parse().ok().filter(|_| challenge.is_action())
    }

    /// Returns the secret. A visitor without JavaScript pastes the whole link of an e-mail, because the fragment with
    /// the secret is not sent.
    pub(super) fn secret(&self) -> Secret {
        let typed = Secret::from_typed(self.challenge_answer.expose());
        match typed.expose().rsplit_once("challenge_answer=") {
            Some((_, secret)) => secret.split('&').next().unwrap_or_default().into(),
            None => typed,
        }
    }
}

impl Clone for Link {
    fn clone(&self) -> Self {
        Self {
            challenge_id: self.challenge_id.clone(),
            challenge_answer: self.challenge_answer.expose().into(),
            challenge_uid: self.challenge_uid.clone(),
            challenge_type: self.challenge_type.clone(),
            allowed: self.allowed.clone(),
        }
    }
}

fn no_secret() -> Secret {
    "".into()
}
