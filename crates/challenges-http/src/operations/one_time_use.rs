use challenges_core::approvals::{ActorLinks, OneTimeUseAction};
use challenges_core::{Invalid, Owner};
use http::StatusCode;

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::principal::Principal;
use crate::response::{self, Response};
use crate::wire::{
    ChallengeActor, OneTimeUseActionChallenge, OneTimeUseActionChallengeAnswerDetail,
    OneTimeUseActionChallengeResponse, OneTimeUseActionChallengeSpec,
};

impl Api {
    pub(crate) async fn create_one_time_use_action(&self, call: &Call) -> Result<Response, Fault> {
        let wanted: OneTimeUseActionChallenge = call.json()?;
        let action = wanted.spec.parse()?;
        let owner = owner(call.principal()?, &wanted.spec)?;
        check_reach(call.principal()?, &action)?;
        for actor in &action.actors {
            self.links().check(actor.user_id())?;
        }
        let created = self.challenges().actions().create(owner, action).await?;
        let id = created.challenge.id().to_string();
        let shown = OneTimeUseActionChallengeResponse {
            challenge: self.shown(&created.challenge),
            one_time_use_challenge: wanted,
            answer_details: created.links.iter().map(|links| self.detail(&id, links)).collect(),
        };
        response::json(StatusCode::CREATED, &shown)
    }

    fn detail(&self, id: &str, links: &ActorLinks) -> OneTimeUseActionChallengeAnswerDetail {
        let user_id = links.actor.user_id();
        OneTimeUseActionChallengeAnswerDetail {
            actor: ChallengeActor::public(&links.actor),
            approve_uri: self.links().answer(id, links.approve.expose(), user_id, true),
            decline_uri: self.links().answer(id, links.decline.expose(), user_id, false),
        }
    }
}

/// Returns the owner of the challenge: the named user, or else the first actor.
fn owner(principal: &Principal, spec: &OneTimeUseActionChallengeSpec) -> Result<Owner, Fault> {
    check_organisation(principal, spec.org_id.as_deref())?;
    let first = spec.actors.first().ok_or(Invalid::NoActors)?;
    principal.creates_for(Some(spec.user_id.as_ref().unwrap_or(&first.user_id)))
}

/// Checks that the caller may act for every actor and grant every scope (R36, R37).
///
/// The creator receives the links of all actors, and so could decide the action in the name of any actor.
fn check_reach(principal: &Principal, action: &OneTimeUseAction) -> Result<(), Fault> {
    for actor in &action.actors {
        check_organisation(principal, Some(actor.tenant()))?;
        principal.creates_for(Some(actor.user_id()))?;
    }
    let mut actions = action.approved_actions.iter().chain(&action.declined_actions);
    let granted = actions.all(|action| action.scopes().iter().all(|scope| principal.may_grant(scope)));
    if granted { Ok(()) } else { Err(Fault::ScopeOutOfReach) }
}

/// Checks that `named` is the caller's tenant. A host without tenants stores any organisation without a check.
fn check_organisation(principal: &Principal, named: Option<&str>) -> Result<(), Fault> {
    let within = principal.tenant().is_empty() || named.is_none_or(|named| named == principal.tenant());
    if within { Ok(()) } else { Err(Fault::OrganisationOutOfReach) }
}
