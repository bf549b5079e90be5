use challenges_core::Invalid;
use challenges_core::Owner;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::optional::optional;
use super::{Challenge, Seconds};

/// A challenge for several actors: the first answer of any actor runs the approved or declined actions.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct OneTimeUseActionChallenge {
    pub(crate) spec: OneTimeUseActionChallengeSpec,
}

/// The actors and actions of a one-time-use action.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct OneTimeUseActionChallengeSpec {
    /// The actions to run if an actor approves.
    approved_actions: Vec<ChallengeAction>,
    /// The actions to run if an actor declines.
    declined_actions: Vec<ChallengeAction>,
    /// The users who can decide. The first answer of any actor counts.
    pub(crate) actors: Vec<ChallengeActor>,
    /// The time to decide in seconds, from creation.
    #[schema(value_type = u32, minimum = 1, maximum = 86_400)]
    timeout_seconds: Seconds,
    /// The owner of the challenge. Default: the first actor. The owner cannot decide unless listed in actors.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<String>,
    /// The organisation of the owner. Default: the organisation of the caller.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub(crate) org_id: Option<String>,
}

/// A user in an organisation.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ChallengeActor {
    pub(crate) user_id: String,
    pub(crate) org_id: String,
}

/// An HTTP request to send once.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ChallengeAction {
    /// http_action or HTTPChallengeAction.
    #[schema(min_length = 1, max_length = 128, pattern = "^[-_a-zA-Z0-9]+$")]
    challenge_action_type: String,
    #[schema(min_length = 1, max_length = 128, pattern = "^[a-zA-Z0-9]+$")]
    method: String,
    #[schema(min_length = 1, max_length = 1_024)]
    uri: String,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 250_000)]
    body: Option<String>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 256)]
    content_type: Option<String>,
    /// The scopes of the access token of the request. Without scopes, no access token is sent. The caller must be
    /// allowed to grant each scope.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
}

/// A created one-time-use action. No other response contains the links.
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
    /// The URI to GET in order to approve. Keep it secret: only this actor may know it.
    #[schema(max_length = 1_024)]
    pub(crate) approve_uri: String,
    /// The URI to GET in order to decline. Keep it secret: only this actor may know it.
    #[schema(max_length = 1_024)]
    pub(crate) decline_uri: String,
}

impl OneTimeUseActionChallengeSpec {
    /// Parses the spec, except the owner. Takes a reference, because the response echoes the spec.
    pub(crate) fn parse(&self) -> Result<OneTimeUseAction, Invalid> {
        let actors = self.actors.iter().map(ChallengeActor::parse).collect::<Result<_, _>>()?;
        let actions =
            |actions: &[ChallengeAction]| actions.iter().map(ChallengeAction::parse).collect::<Result<Vec<_>, _>>();
        let mut action = OneTimeUseAction::new(actors, self.timeout_seconds.0);
        action.approved_actions = actions(&self.approved_actions)?;
        action.declined_actions = actions(&self.declined_actions)?;
        Ok(action)
    }
}

impl ChallengeActor {
    fn parse(&self) -> Result<Owner, Invalid> {
        Owner::in_tenant(self.org_id.as_str(), self.user_id.as_str())
    }

    pub(crate) fn public(actor: &Owner) -> Self {
        Self { user_id: actor.user_id().to_owned(), org_id: actor.tenant().to_owned() }
    }
}

impl ChallengeAction {
    fn parse(&self) -> Result<HttpAction, Invalid> {
        if !matches!(self.challenge_action_type.as_str(), "http_action" | "HTTPChallengeAction") {
            return Err(Invalid::Action);
        }
        let mut action = HttpAction::new(self.method.as_str(), self.uri.as_str())?;
        action = action.with_scopes(self.scopes.iter().flatten())?;
        if let Some(body) = &self.body {
            action = action.with_body(body.as_str())?;
        }
        if let Some(content_type) = &self.content_type {
            action = action.with_content_type(content_type.as_str())?;
        }
        Ok(action)
    }
}
