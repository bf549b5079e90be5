use super::create::{check, check_timeout, stored_spec};
use super::issue::{issue, observe_limited};
use super::step::{Event, Replacement};
use super::{Challenge, ChallengeSpec, EndpointRef, LoadedFactors, Outcome, State, observe_moved};
use crate::engine::{self, Change, Engine, Now, Versioned};
use crate::error::{Error, Invalid};
use crate::id::ChallengeId;
use crate::store::{Kind, Loaded};
use crate::stored_factor::StoredFactor;
use crate::throttle::Counters;
use crate::timeout::Timeout;
use crate::uri::Origin;

/// The part of a spec that a holder of the challenge's id may replace. [`ChallengeSpec`] documents the fields.
///
/// The id travels in links, so a holder chooses neither the page nor the types nor the data.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HolderSpec {
    /// `true` to issue the challenge now.
    pub send_now: bool,
    /// The lifetime, from creation; default [`Policy::default_timeout`](crate::Policy::default_timeout).
    pub timeout: Option<Timeout>,
    /// The origin that starts the challenge.
    pub origin: Option<Origin>,
    /// The endpoints and enrollments to challenge.
    pub endpoints: Vec<EndpointRef>,
}

impl From<ChallengeSpec> for HolderSpec {
    /// Drops the fields that only the creator may replace.
    fn from(spec: ChallengeSpec) -> Self {
        Self { send_now: spec.send_now, timeout: spec.timeout, origin: spec.origin, endpoints: spec.endpoints }
    }
}

/// A replacement requested by the creator, or by a holder of the id.
#[derive(Debug)]
pub(crate) enum Request {
    Creator(ChallengeSpec),
    Holder(HolderSpec),
}

/// A replaced challenge, the outcomes to observe, and the wait of a send limit.
type Replaced = (Challenge, Vec<Outcome>, Option<std::time::Duration>);

/// Replaces the spec of a pending challenge, and issues the challenge if the spec says so.
pub(crate) async fn replace(engine: &Engine, id: ChallengeId, request: Request) -> Result<Challenge, Error> {
    let load = engine::load::<Challenge>(id.0).with_owned(&StoredFactor::kinds()).with_owned(&[Kind::Counters]);
    let decide = |loaded: &Loaded, now| decide(engine, id, &request, loaded, now);
    let (challenge, outcomes, limited) = engine.transact(Some(&load), decide).await?;
    for outcome in outcomes {
        observe_moved(engine, &challenge, outcome);
    }
    observe_limited(engine, &challenge, limited);
    Ok(challenge)
}

fn decide(
    engine: &Engine,
    id: ChallengeId,
    request: &Request,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<Replaced>, Error> {
    let Versioned { value: stored, version } = engine::find::<Challenge>(loaded, id.0)?;
    if stored.is_action() {
        return Err(Invalid::NotReplaceable.into());
    }
    if matches!(request, Request::Holder(_)) && stored.purpose().is_some() {
        return Err(Invalid::CreatorOnly.into());
    }
    if stored.state_at(now.latest) != State::Pending {
        // After issue nothing changes, so an invalid spec does not matter.
        return Ok(Change::none((stored, Vec::new(), None)));
    }
    let factors = LoadedFactors::read(engine, loaded, stored.owner(), now)?;
    let replacement = replacement(engine, &stored, request, &factors)?;
    let mut counters = Counters::read(engine, loaded, stored.owner())?;
    let expires = stored.expires();
    let step = stored.into_step(Event::Replace(replacement), &engine.policy, now.latest);
    let replaced = step.map_err(|_| Invalid::NotReplaceable)?;
    let (mut challenge, mut outcomes) = (replaced.next, vec![replaced.outcome]);
    counters.change_expiry(expires, challenge.expires());
    let (mut writes, mut limited) = (Vec::new(), None);
    if challenge.send_now() && challenge.state_at(now.latest) == State::Pending {
        let issued = issue(engine, challenge, &factors, Some(&mut counters), now)?;
        challenge = issued.transition.next;
        outcomes.push(issued.transition.outcome);
        (writes, limited) = (issued.writes, issued.limited);
    }
    writes.push(counters.write(engine, now)?);
    writes.push(engine.put(&challenge, Some(version))?);
    Ok(Change::new(writes, (challenge, outcomes, limited)))
}

fn replacement(
    engine: &Engine,
    stored: &Challenge,
    request: &Request,
    factors: &LoadedFactors,
) -> Result<Replacement, Error> {
    let widened;
    let spec = match request {
        Request::Creator(spec) => spec,
        Request::Holder(spec) => {
            widened = widen(stored, spec)?;
            &widened
        }
    };
    check(engine, spec)?;
    if spec.number_match && !stored.number_match() {
        return Err(Invalid::NumberMatchLate.into());
    }
    let timeout = check_timeout(engine, spec.timeout)?;
    let spec = stored_spec(engine, stored.place(), spec, stored.endpoints(), factors)?;
    Ok(Replacement { spec, timeout })
}

/// Completes the spec of a holder with the stored fields. Absent answer data keeps the stored data.
fn widen(stored: &Challenge, spec: &HolderSpec) -> Result<ChallengeSpec, Invalid> {
    Ok(ChallengeSpec {
        types: stored.types().ok_or(Invalid::NotReplaceable)?.clone(),
        purpose: None,
        description: None,
        send_now: spec.send_now,
        timeout: spec.timeout,
        response_uri: stored.response_uri().cloned(),
        origin: spec.origin.clone(),
        endpoints: spec.endpoints.clone(),
        answer_data: None,
        number_match: false,
    })
}
