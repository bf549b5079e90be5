use std::time::Duration;

use super::issue::{issue, observe_limited};
use super::request::{CodeMac, Request, StoredSpec, TypesRequest};
use super::{Challenge, ChallengeSpec, CreatedChallenge, EndpointRef, LoadedFactors};
use crate::challenge_type::ChallengeType;
use crate::engine::{Change, Engine, Now, Report, Session};
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::ChallengeId;
use crate::keyring::Place;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::{HostTransaction, Kind, Load, Loaded};
use crate::stored_factor::StoredFactor;
use crate::throttle::Counters;
use crate::timeout::Timeout;
use crate::webauthn::{self, WebauthnEnrollment};

/// Creates a challenge, and issues the challenge if the spec says so. Two round trips: one load, one commit.
pub(crate) async fn create(engine: &Engine, owner: Owner, spec: ChallengeSpec) -> Result<CreatedChallenge, Error> {
    check_new(engine, &spec)?;
    let load = load_for(engine, &owner, &spec);
    let decide = |loaded: &Loaded, now| decide(engine, &owner, &spec, loaded, now);
    let (created, limited) = engine.transact(Some(&load), decide).await?;
    report(engine, &created.challenge, limited);
    Ok(created)
}

/// Creates a challenge in the transaction of the host, and returns the report for the observer.
pub(crate) async fn create_in<T: HostTransaction>(
    engine: &Engine,
    session: &mut Session<T>,
    owner: Owner,
    spec: ChallengeSpec,
) -> Result<(CreatedChallenge, Report), Error> {
    check_new(engine, &spec)?;
    let load = load_for(engine, &owner, &spec);
    let decide = |loaded: &Loaded, now| decide(engine, &owner, &spec, loaded, now);
    let (created, limited) = session.transact(engine, &load, decide, None).await?;
    let challenge = created.challenge.clone();
    Ok((created, Box::new(move |engine| report(engine, &challenge, limited))))
}

/// Creates a challenge with a spec chosen from the loaded records, in the same two round trips. Returns `None` without
/// a spec, and otherwise also the second value of `choose`.
pub(crate) async fn create_chosen<V: Send>(
    engine: &Engine,
    owner: &Owner,
    load: &Load,
    choose: impl Fn(&Loaded, Now) -> Result<Option<(ChallengeSpec, V)>, Error> + Send + Sync,
) -> Result<Option<(CreatedChallenge, V)>, Error> {
    let chosen = engine.transact(Some(load), |loaded, now| {
        let Some((spec, value)) = choose(loaded, now)? else { return Ok(Change::none(None)) };
        check_new(engine, &spec)?;
        let Change { writes, value: (created, limited) } = decide(engine, owner, &spec, loaded, now)?;
        Ok(Change::new(writes, Some((created, limited, value))))
    });
    let Some((created, limited, value)) = chosen.await? else { return Ok(None) };
    report(engine, &created.challenge, limited);
    Ok(Some((created, value)))
}

fn report(engine: &Engine, challenge: &Challenge, limited: Option<Duration>) {
    observe_created(engine, challenge);
    observe_limited(engine, challenge, limited);
}

/// Returns the records to load: the counters, and the factors if the spec needs factors.
fn load_for(engine: &Engine, owner: &Owner, spec: &ChallengeSpec) -> Load {
    let names_any = spec.endpoints.iter().any(|named| named.id().is_some());
    let asks_any = spec.send_now && spec.types.iter().any(|kind| kind != ChallengeType::Code);
    let load = engine.load_owned(owner, &[Kind::Counters]);
    if names_any || asks_any { load.with_owned(&StoredFactor::kinds()) } else { load }
}

fn decide(
    engine: &Engine,
    owner: &Owner,
    spec: &ChallengeSpec,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<(CreatedChallenge, Option<Duration>)>, Error> {
    let factors = LoadedFactors::read(engine, loaded, owner, now)?;
    let id = ChallengeId(engine.new_id(owner, now)?);
    let place = Place { kind: Kind::Challenge, id: id.0, owner, field: "" };
    let mut request = TypesRequest::new(stored_spec(engine, place, spec, &[], &factors)?);
    let mut code = None;
    if spec.types.contains(ChallengeType::Code) {
        let drawn = draw_code(engine)?;
        let mac = engine.keys.mac(place.field("code"), drawn.expose());
        request.code = Some(CodeMac { mac, guessable: engine.policy.code_is_guessable() });
        code = Some(drawn);
    }
    let mut number = None;
    if (spec.number_match || engine.policy.number_match) && spec.types.send_link() {
        let drawn = Secret::from(entropy::characters(engine.entropy(), b"0123456789", 2)?);
        request.number_match = true;
        request.number = Some(engine.keys.mac(place.field("number"), drawn.expose()));
        number = Some(drawn);
    }
    let timeout = check_timeout(engine, spec.timeout)?;
    let mut challenge = Challenge::pending(id, owner.clone(), now.clock, timeout, Request::Types(Box::new(request)))
        .with_purpose(spec.purpose.clone())
        .with_description(spec.description.clone());
    // Concurrent creations conflict on the counters, so they cannot pass the cap together.
    let mut counters = Counters::read(engine, loaded, owner)?;
    counters.open_challenge(engine, challenge.expires(), now)?;
    let (mut writes, mut limited) = (Vec::new(), None);
    if spec.send_now {
        let issued = issue(engine, challenge, &factors, Some(&mut counters), now)?;
        challenge = issued.transition.next;
        (writes, limited) = (issued.writes, issued.limited);
    }
    writes.push(counters.write(engine, now)?);
    writes.push(engine.put(&challenge, None)?);
    Ok(Change::new(writes, (CreatedChallenge::new(challenge, code, number), limited)))
}

pub(super) fn observe_created(engine: &Engine, challenge: &Challenge) {
    engine.observe(&Observation::ChallengeCreated {
        challenge: challenge.id(),
        owner: challenge.owner(),
        types: challenge.types(),
        state: challenge.state(),
    });
}

/// Checks a spec as far as possible without the store.
fn check_new(engine: &Engine, spec: &ChallengeSpec) -> Result<(), Invalid> {
    check(engine, spec)?;
    if spec.number_match && !spec.types.send_link() {
        return Err(Invalid::NumberMatchTypes);
    }
    Ok(())
}

pub(super) fn check(engine: &Engine, spec: &ChallengeSpec) -> Result<(), Invalid> {
    let policy = &engine.policy;
    if let Some(uri) = &spec.response_uri {
        policy.allow_response(uri)?;
    }
    if spec.endpoints.len() > policy.challenge_endpoints {
        return Err(Invalid::TooMany { field: "challenge_endpoints", max: policy.challenge_endpoints });
    }
    if spec.answer_data.as_ref().is_some_and(|data| data.expose().len() > policy.answer_data) {
        return Err(Invalid::AnswerDataTooLarge { max: policy.answer_data });
    }
    check_timeout(engine, spec.timeout).map(|_| ())
}

pub(super) fn check_timeout(engine: &Engine, timeout: Option<Timeout>) -> Result<Timeout, Invalid> {
    let policy = &engine.policy;
    let timeout = match timeout {
        Some(timeout) => timeout,
        None => Timeout::from_seconds(policy.default_timeout.as_secs())?,
    };
    if timeout.as_duration() > policy.longest_timeout {
        return Err(Invalid::Timeout { max: policy.longest_timeout.as_secs() });
    }
    Ok(timeout)
}

/// Returns the stored form of a spec. `before` are the endpoints named by the challenge so far.
pub(super) fn stored_spec(
    engine: &Engine,
    place: Place<'_>,
    spec: &ChallengeSpec,
    before: &[EndpointRef],
    factors: &LoadedFactors,
) -> Result<StoredSpec, Error> {
    let endpoints = factors.resolve(&spec.endpoints, before)?;
    if spec.types.contains(ChallengeType::Webauthn) {
        check_webauthn(engine, spec, &endpoints, factors)?;
    }
    let answer_data = match &spec.answer_data {
        Some(data) => Some(engine.seal(place.field("answer_data"), data.expose().as_bytes())?),
        None => None,
    };
    Ok(StoredSpec {
        types: spec.types.clone(),
        send_now: spec.send_now,
        response_uri: spec.response_uri.clone(),
        origin: spec.origin.clone(),
        endpoints,
        answer_data,
    })
}

/// Checks that a challenge can ask for assertions: at least one credential is named, even if deleted by now, and the
/// origin belongs to each relying party.
fn check_webauthn(
    engine: &Engine,
    spec: &ChallengeSpec,
    endpoints: &[EndpointRef],
    factors: &LoadedFactors,
) -> Result<(), Invalid> {
    engine.ceremonies()?;
    let named = endpoints.iter().filter(|named| named.kind() == Some(ChallengeType::Webauthn));
    let named: Vec<_> = named.filter_map(EndpointRef::id).collect();
    if named.is_empty() {
        return Err(Invalid::WebauthnEndpoint);
    }
    let enrollments = factors.webauthn.iter().map(|found| &found.value);
    let enrollments: Vec<&WebauthnEnrollment> = enrollments.filter(|known| named.contains(&known.id().0)).collect();
    webauthn::check_named(engine, &enrollments, spec.origin.as_ref())
}

fn draw_code(engine: &Engine) -> Result<Secret, Error> {
    Ok(match engine.policy.code_digits {
        None => entropy::secret(engine.entropy())?.into(),
        Some(digits) => entropy::characters(engine.entropy(), b"0123456789", digits.into())?.into(),
    })
}
