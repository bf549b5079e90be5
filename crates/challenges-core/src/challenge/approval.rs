use futures_util::future::try_join_all;
use zeroize::Zeroizing;

use super::create::{check_timeout, observe_created};
use super::issue::issue;
use super::request::{ApprovalRequest, Request};
use super::{Challenge, CreatedChallenge, LoadedFactors, calls};
use crate::approvals::{
    ActionResult, Actions, ActorLinks, ActorSecrets, HttpAction, OneTimeUseAction, OpenApproval, find_result,
    load_result, secret_field,
};
use crate::engine::{Change, Engine, Now, Report, Session};
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::{ChallengeId, OutboxId};
use crate::keyring::{Place, Sealed};
use crate::outbox;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::{HostTransaction, Kind, Loaded};
use crate::throttle::Counters;

impl Actions<'_> {
    /// Creates a one-time-use action, issued at once. Any of the actors decides, with the secrets returned here.
    ///
    /// `owner` is the user who asks, and gains no right to decide. Before the call, check that the creator may:
    ///
    /// - act for every actor, because the secrets decide as any actor,
    /// - grant every scope requested by the HTTP actions.
    ///
    /// The HTTP actions of the outcome are stored with the decision and run by a dispatcher: see
    /// [`Outbox::dispatch`](crate::outbox::Outbox::dispatch).
    ///
    /// The action counts among the open challenges of `owner`, up to
    /// [`Policy::open_challenges`](crate::Policy::open_challenges). A creation takes two round trips to the store.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the action needs a change, which the error names, or when `owner` has too many open
    ///   challenges or queued too many HTTP actions
    ///   ([`DispatchPolicy::actions_per_user`](crate::policy::DispatchPolicy::actions_per_user)).
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "actions.create", level = "debug", skip_all))]
    pub async fn create(self, owner: Owner, action: OneTimeUseAction) -> Result<CreatedChallenge, Error> {
        check(self.engine, &action)?;
        let engine = self.engine;
        let load = engine.load_owned(&owner, &[Kind::Counters]);
        let decide = |loaded: &Loaded, now| decide(engine, &owner, &action, loaded, now);
        let created = engine.transact(Some(&load), decide).await?;
        observe_created(engine, &created.challenge);
        Ok(created)
    }

    /// Returns the results of the HTTP actions that have ended, in order. Results are kept as long as the challenge. A
    /// dead letter that is retried counts as not ended.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "actions.results", level = "debug", skip_all))]
    pub async fn results(self, id: ChallengeId) -> Result<Vec<ActionResult>, Error> {
        let challenge = calls::get(self.engine, id).await?;
        let entries = challenge.action_entries().iter();
        let results = try_join_all(entries.map(|entry| result(self.engine, *entry))).await?;
        Ok(results.into_iter().flatten().collect())
    }
}

/// Creates a one-time-use action in the transaction of the host, and returns the report for the observer.
pub(crate) async fn create_action_in<T: HostTransaction>(
    engine: &Engine,
    session: &mut Session<T>,
    owner: Owner,
    action: OneTimeUseAction,
) -> Result<(CreatedChallenge, Report), Error> {
    check(engine, &action)?;
    let load = engine.load_owned(&owner, &[Kind::Counters]);
    let decide = |loaded: &Loaded, now| decide(engine, &owner, &action, loaded, now);
    let created = session.transact(engine, &load, decide, None).await?;
    let challenge = created.challenge.clone();
    Ok((created, Box::new(move |engine| observe_created(engine, &challenge))))
}

async fn result(engine: &Engine, entry: OutboxId) -> Result<Option<ActionResult>, Error> {
    let loaded = engine.store.load(&load_result(entry)).await?;
    if let Some(result) = find_result(&loaded, entry)? {
        return Ok(Some(result));
    }
    outbox::dead_letter_result(engine, entry).await
}

fn check(engine: &Engine, action: &OneTimeUseAction) -> Result<(), Invalid> {
    let policy = &engine.policy;
    if action.actors.is_empty() {
        return Err(Invalid::NoActors);
    }
    if action.actors.len() > policy.actors {
        return Err(Invalid::TooMany { field: "actors", max: policy.actors });
    }
    for (index, actor) in action.actors.iter().enumerate() {
        if action.actors.iter().take(index).any(|earlier| earlier == actor) {
            return Err(Invalid::RepeatedActor);
        }
    }
    if action.approved_actions.len().max(action.declined_actions.len()) > policy.actions {
        return Err(Invalid::TooMany { field: "actions", max: policy.actions });
    }
    check_timeout(engine, Some(action.timeout)).map(|_| ())
}

fn decide(
    engine: &Engine,
    owner: &Owner,
    action: &OneTimeUseAction,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<CreatedChallenge>, Error> {
    let id = ChallengeId(engine.new_id(owner, now)?);
    let place = Place { kind: Kind::Challenge, id: id.0, owner, field: "" };
    let (links, actors) = draw_secrets(engine, place, &action.actors)?.into_iter().unzip();
    let open = OpenApproval {
        actors,
        approved: seal_actions(engine, place.field("approved"), &action.approved_actions)?,
        declined: seal_actions(engine, place.field("declined"), &action.declined_actions)?,
    };
    let request = Request::Approval(ApprovalRequest { open: Some(open), entries: Vec::new() });
    let pending = Challenge::pending(id, owner.clone(), now.clock, action.timeout, request)
        .with_description(action.description.clone());
    let mut counters = Counters::read(engine, loaded, owner)?;
    counters.open_challenge(engine, pending.expires(), now)?;
    let queued = action.approved_actions.len().max(action.declined_actions.len());
    counters.count_actions(engine, queued, now.clock)?;
    let issued = issue(engine, pending, &LoadedFactors::default(), None, now)?;
    let mut writes = issued.writes;
    writes.push(counters.write(engine, now)?);
    let challenge = issued.transition.next;
    writes.push(engine.put(&challenge, None)?);
    Ok(Change::new(writes, CreatedChallenge { challenge, code: None, number: None, links }))
}

fn draw_secrets(engine: &Engine, place: Place<'_>, actors: &[Owner]) -> Result<Vec<(ActorLinks, ActorSecrets)>, Error> {
    let mut drawn = Vec::with_capacity(actors.len());
    for (index, actor) in actors.iter().enumerate() {
        let approve = Secret::from(entropy::secret(engine.entropy())?);
        let decline = Secret::from(entropy::secret(engine.entropy())?);
        let mac =
            |approved, secret: &Secret| engine.keys.mac(place.field(&secret_field(index, approved)), secret.expose());
        let macs = ActorSecrets { actor: actor.clone(), approve: mac(true, &approve), decline: mac(false, &decline) };
        drawn.push((ActorLinks::new(actor.clone(), approve, decline), macs));
    }
    Ok(drawn)
}

fn seal_actions(engine: &Engine, place: Place<'_>, actions: &[HttpAction]) -> Result<Sealed, Error> {
    let plain = Zeroizing::new(serde_json::to_vec(actions).map_err(Error::Body)?);
    Ok(engine.seal(place, &plain)?)
}
