use zeroize::Zeroizing;

use super::endpoint::Endpoint;
use crate::engine::{Change, Engine, Now, Versioned};
use crate::entropy;
use crate::error::{Error, Invalid, Refused};
use crate::factor::Factor;
use crate::keyring::SealError;
use crate::notices;
use crate::outbox::{self, Lifetime, Notice, StoredTask};
use crate::store::{Loaded, Version, Write};
use crate::throttle::{self, Counters, Lock};

/// The verdict on a confirmation code.
pub(super) enum Verdict {
    Confirmed { endpoint: Endpoint, ends_codes: bool },
    Wrong(Endpoint, Option<Lock>),
    Refused(Refused),
}

/// Gives an endpoint a new code, and queues the message with the code.
pub(super) fn send_code(
    engine: &Engine,
    endpoint: Endpoint,
    read: Option<Version>,
    loaded: &Loaded,
    now: Now,
) -> Result<(Endpoint, Vec<Write>), Error> {
    let policy = &engine.policy;
    if read.is_some() && !endpoint.awaits_code(policy, now.latest) {
        return Err(Invalid::NoConfirmationExpected.into());
    }
    let mut counters = Counters::read(engine, loaded, endpoint.owner())?;
    counters
        .count_send(&policy.sends, now.clock)
        .map_err(|wait| throttle::refuse_send(engine, endpoint.owner(), wait))?;
    let code = Zeroizing::new(entropy::characters(engine.entropy(), b"0123456789", 6)?);
    let until = now.latest.after(policy.confirmation);
    let mac = engine.keys.mac(endpoint.place().field("code"), &code);
    let endpoint = endpoint.with_code(mac, until);
    let lifetime = Lifetime { until, garbage_at: Some(until.after(policy.retention)) };
    let message = outbox::enqueue(engine, endpoint.owner(), None, lifetime, now, |place| {
        Ok(StoredTask::Confirm { endpoint: endpoint.id(), code: engine.seal(place, code.as_bytes())? })
    })?;
    let writes = vec![engine.put(&endpoint, read)?, counters.write(engine, now)?, message];
    Ok((endpoint, writes))
}

/// Compares a code with the code of an endpoint, and counts a wrong code per endpoint and per user. `completing` is
/// written with a right code.
pub(super) fn check_code(
    engine: &Engine,
    found: Versioned<Endpoint>,
    code: &str,
    loaded: &Loaded,
    completing: Vec<Write>,
    now: Now,
) -> Result<Change<Verdict>, Error> {
    let policy = &engine.policy;
    let Versioned { value: endpoint, version } = found;
    let mac = match endpoint.code_mac(policy, now.latest) {
        Ok(mac) => mac,
        Err(reason) => return Ok(Change::none(Verdict::Refused(reason))),
    };
    let place = endpoint.place();
    if let Some(last) = endpoint.last_wrong()
        && engine.keys.is_fingerprint(place.field("wrong"), last, code)?
    {
        return Ok(Change::none(Verdict::Refused(Refused::Repeated)));
    }
    let mut counters = Counters::read(engine, loaded, endpoint.owner())?;
    if let Err(reason) = counters.admit(Factor::Confirmation, policy, now.clock) {
        return Ok(Change::none(Verdict::Refused(reason)));
    }
    let is_right = match engine.keys.verify(place.field("code"), mac, code) {
        // A code under a retired key cannot be compared, so the answer counts as no failure.
        Err(SealError::RetiredKey(_)) => return Ok(Change::none(Verdict::Refused(Refused::NothingToCompare))),
        compared => compared?,
    };
    if !is_right {
        let lock = counters.count_failure(Factor::Confirmation, policy, now.clock);
        let fingerprint = engine.keys.mac(place.field("wrong"), code);
        let next = endpoint.with_wrong_code(fingerprint);
        let mut writes = vec![engine.put(&next, Some(version))?];
        if let Some(notice) = notices::of_lock(engine, &counters, Factor::Confirmation, lock) {
            writes.extend(notices::queue(engine, loaded, &mut counters, notice, now)?);
        }
        writes.push(counters.write(engine, now)?);
        return Ok(Change::new(writes, Verdict::Wrong(next, lock)));
    }
    counters.clear_failures(Factor::Confirmation);
    counters.clear_sends();
    counters.factors_changed();
    let (endpoint, ends_codes) = (endpoint.confirmed(), !completing.is_empty());
    let mut writes = completing;
    writes.push(engine.put(&endpoint, Some(version))?);
    writes.extend(notices::queue(engine, loaded, &mut counters, Notice::Added(endpoint.channel()), now)?);
    writes.push(counters.write(engine, now)?);
    Ok(Change::new(writes, Verdict::Confirmed { endpoint, ends_codes }))
}
