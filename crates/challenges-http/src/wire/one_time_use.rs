use challenges_core::{Actor, HttpAction, HttpActionParts, Invalid, OneTimeUseAction, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Challenge, Seconds};

/// What is done when any one of some actors approves or declines.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct OneTimeUseActionChallenge {
    pub(crate) spec: OneTimeUseActionChallengeSpec,
}

/// Who may decide, and what is done then.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct OneTimeUseActionChallengeSpec {
    /// What is done when an actor approves.
    approved_actions: Vec<ChallengeAction>,
    /// What is done when an actor declines.
    declined_actions: Vec<ChallengeAction>,
    /// Who may decide: any one of them.
    pub(crate) actors: Vec<ChallengeActor>,
    /// How long it can be decided.
    #[schema(value_type = u32, minimum = 1, maximum = 86_400)]
    timeout_seconds: Seconds,
    /// Whose challenge it is; the first actor's where absent. That alone gives no right to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<String>,
    /// Whose organisation's challenge it is; the caller's where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org_id: Option<String>,
}

/// A user in an organisation.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ChallengeActor {
    pub(crate) user_id: String,
    pub(crate) org_id: String,
}

/// An HTTP request that is made once.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ChallengeAction {
    /// http_action or HTTPChallengeAction.
    #[schema(min_length = 1, max_length = 128, pattern = "^[-_a-zA-Z0-9]+$")]
    challenge_action_type: String,
    #[schema(min_length = 1, max_length = 128, pattern = "^[a-zA-Z0-9]+$")]
    method: String,
    #[schema(min_length = 1, max_length = 1_024)]
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 250_000)]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 256)]
    content_type: Option<String>,
    /// The scopes of the access token to send; without any, none is sent. Each must be the caller's to grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
}

/// A created one-time-use action. The links are told only here.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneTimeUseActionChallengeResponse {
    pub(crate) challenge: Challenge,
    pub(crate) one_time_use_challenge: OneTimeUseActionChallenge,
    pub(crate) answer_details: Vec<OneTimeUseActionChallengeAnswerDetail>,
}

/// The links of one actor.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneTimeUseActionChallengeAnswerDetail {
    pub(crate) actor: ChallengeActor,
    /// The URI to GET in order to approve. It is a secret of the actor.
    #[schema(max_length = 1_024)]
    pub(crate) approve_uri: String,
    /// The URI to GET in order to decline. It is a secret of the actor.
    #[schema(max_length = 1_024)]
    pub(crate) decline_uri: String,
}

impl OneTimeUseActionChallengeSpec {
    /// What is asked for, apart from whose it is. The spec itself stays, to be echoed.
    pub(crate) fn parse(&self) -> Result<OneTimeUseAction, Invalid> {
        let actors = self.actors.iter().map(ChallengeActor::parse).collect();
        let actions =
            |actions: &[ChallengeAction]| actions.iter().map(ChallengeAction::parse).collect::<Result<Vec<_>, _>>();
        let mut action = OneTimeUseAction::new(actors, self.timeout_seconds.0);
        action.approved_actions = actions(&self.approved_actions)?;
        action.declined_actions = actions(&self.declined_actions)?;
        Ok(action)
    }
}

impl ChallengeActor {
    fn parse(&self) -> Actor {
        Actor { user_id: self.user_id.clone(), org_id: self.org_id.clone() }
    }

    pub(crate) fn public(actor: &Actor) -> Self {
        Self { user_id: actor.user_id.clone(), org_id: actor.org_id.clone() }
    }
}

impl ChallengeAction {
    fn parse(&self) -> Result<HttpAction, Invalid> {
        if !matches!(self.challenge_action_type.as_str(), "http_action" | "HTTPChallengeAction") {
            return Err(Invalid::Action);
        }
        let scopes = self.scopes.iter().flatten().map(Scope::new).collect::<Result<_, _>>()?;
        HttpAction::new(HttpActionParts {
            method: self.method.clone(),
            uri: self.uri.clone(),
            body: self.body.clone(),
            content_type: self.content_type.clone(),
            scopes,
        })
    }
}
