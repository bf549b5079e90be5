use super::create::{check, check_timeout, stored_spec};
use super::event::{Event, Replacement};
use super::issue::{issue, observe_limited};
use super::{Challenge, ChallengeSpec, Factors, Outcome, State, observe_moved};
use crate::engine::{self, Change, Engine, Now, Versioned};
use crate::error::{Error, Invalid};
use crate::id::ChallengeId;
use crate::store::{Kind, Loaded};
use crate::throttle::Counters;

/// A replaced challenge, the outcomes to observe, and the wait of a send limit.
type Replaced = (Challenge, Vec<Outcome>, Option<std::time::Duration>);

/// Replaces the spec of a pending challenge, and issues the challenge if the spec says so.
pub(crate) async fn replace(engine: &Engine, id: ChallengeId, spec: ChallengeSpec) -> Result<Challenge, Error> {
    let load = engine::load::<Challenge>(id.0).with_owned(&Factors::KINDS).with_owned(&[Kind::Counters]);
    let decide = |loaded: &Loaded, now| decide(engine, id, &spec, loaded, now);
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
    spec: &ChallengeSpec,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<Replaced>, Error> {
    let Versioned { value: stored, version } = engine::find::<Challenge>(loaded, id.0)?;
    if stored.is_action() {
        return Err(Invalid::NotReplaceable.into());
    }
    if stored.state_at(now.latest) != State::Pending {
        // After issue nothing changes, so an invalid spec does not matter.
        return Ok(Change::none((stored, Vec::new(), None)));
    }
    let factors = Factors::read(engine, loaded, stored.owner(), now)?;
    let replacement = replacement(engine, &stored, spec, &factors)?;
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
    spec: &ChallengeSpec,
    factors: &Factors,
) -> Result<Replacement, Error> {
    check(engine, spec)?;
    if spec.number_match && !stored.number_match() {
        return Err(Invalid::NumberMatchLate.into());
    }
    let timeout = check_timeout(engine, spec.timeout)?;
    let spec = stored_spec(engine, stored.place(), spec, stored.endpoints(), factors)?;
    Ok(Replacement { spec, timeout })
}
