use super::endpoint::Endpoint;
use super::sealed_address::{address, seal_address};
use crate::addresses::Address;
use crate::engine::{Engine, Now, Versioned};
use crate::error::{Error, Invalid};
use crate::id::EndpointId;
use crate::notices::Announce;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::store::{Loaded, Write};
use crate::throttle;

/// Returns the endpoint with the same destination. An endpoint with an unreadable address is never the same.
pub(super) fn find_same(
    engine: &Engine,
    endpoints: &[Versioned<Endpoint>],
    wanted: &Address,
) -> Option<Versioned<Endpoint>> {
    let is_same = |endpoint: &Endpoint| {
        endpoint.channel() == wanted.channel()
            && address(engine, endpoint).is_ok_and(|known| known.has_destination_of(wanted))
    };
    endpoints.iter().find(|known| is_same(&known.value)).cloned()
}

/// Returns a new, confirmed endpoint, unless the user has reached the cap.
pub(super) fn new_endpoint(
    engine: &Engine,
    owner: &Owner,
    address: &Address,
    endpoints: &[Versioned<Endpoint>],
    now: Now,
) -> Result<Endpoint, Error> {
    let id = new_id(engine, owner, address, endpoints, now)?;
    endpoint_with_id(engine, id, owner, address, now)
}

/// Returns the id for a new endpoint, unless the user has reached the cap.
pub(super) fn new_id(
    engine: &Engine,
    owner: &Owner,
    address: &Address,
    endpoints: &[Versioned<Endpoint>],
    now: Now,
) -> Result<EndpointId, Error> {
    check_cap(engine, address, endpoints)?;
    Ok(EndpointId(engine.new_id(owner, now)?))
}

/// Checks that the user may have another endpoint.
pub(super) fn check_cap(engine: &Engine, address: &Address, endpoints: &[Versioned<Endpoint>]) -> Result<(), Invalid> {
    let max = engine.policy.endpoints;
    let is_same_channel = |known: &&Versioned<Endpoint>| known.value.channel() == address.channel();
    if endpoints.iter().filter(is_same_channel).count() >= max {
        return Err(Invalid::TooMany { field: "endpoints", max });
    }
    Ok(())
}

/// Returns a new, confirmed endpoint with the id.
pub(super) fn endpoint_with_id(
    engine: &Engine,
    id: EndpointId,
    owner: &Owner,
    address: &Address,
    now: Now,
) -> Result<Endpoint, Error> {
    let sealed = seal_address(engine, id, owner, address)?;
    Ok(Endpoint::new(id, owner.clone(), now.clock, address.channel(), sealed))
}

/// Returns the notice of the registration of a confirmed address, or `None` if nothing changes.
///
/// `same` is the known endpoint with the destination. Other keys are an addition too: they move the messages to another
/// browser. `replaces` is `true` if another endpoint is deleted.
pub(super) fn notice_of(
    engine: &Engine,
    same: Option<&Versioned<Endpoint>>,
    wanted: &Address,
    replaces: bool,
) -> Option<Notice> {
    let is_known = same.is_some_and(|same| same.value.is_confirmed() && !has_other_keys(engine, &same.value, wanted));
    match (is_known, replaces) {
        (false, _) => Some(Notice::Added(wanted.channel())),
        (true, true) => Some(Notice::Removed(wanted.channel())),
        (true, false) => None,
    }
}

/// Returns the writes of the counters and of the notice for the registration of a confirmed address. A registration
/// with a notice is a change of the factors.
pub(super) fn touch_registering(
    engine: &Engine,
    loaded: &Loaded,
    owner: &Owner,
    notice: Option<Notice>,
    announce: Announce,
    now: Now,
) -> Result<Vec<Write>, Error> {
    match notice {
        Some(notice) => announce(engine, loaded, owner, notice, now),
        None => Ok(vec![throttle::touch(engine, loaded, owner, now)?]),
    }
}

/// Returns whether the endpoint is a push subscription with other keys. An unreadable address counts as one.
fn has_other_keys(engine: &Engine, known: &Endpoint, wanted: &Address) -> bool {
    match wanted {
        Address::Push(wanted) => !matches!(address(engine, known), Ok(Address::Push(known)) if known == *wanted),
        Address::Phone(_) | Address::Email(_) => false,
    }
}
