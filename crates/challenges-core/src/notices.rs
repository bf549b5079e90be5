//! Notices of changes: queued in the commit of the change, to the addresses that the user had before.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::addresses::Address;
use crate::challenge_type::ChallengeType;
use crate::endpoints::{self, Endpoint};
use crate::engine::{Engine, Now};
use crate::error::Error;
use crate::factor::Factor;
use crate::outbox::{self, Lifetime, Notice, StoredTask};
use crate::owner::Owner;
use crate::store::{Loaded, Write};
use crate::throttle::{Counters, Lock};

/// The time for attempts at a notice: a day, because a late notice still reveals a theft.
const LIFETIME: Duration = Duration::from_secs(86_400);

/// Returns the writes of the counters and of the notice, for a change of the factors.
pub(crate) type Announce = fn(&Engine, &Loaded, &Owner, Notice, Now) -> Result<Vec<Write>, Error>;

/// Returns the writes that queue a notice, and counts the notice in the counters, which the caller writes. `loaded` has
/// the endpoints of the owner before the change.
pub(crate) fn queue(
    engine: &Engine,
    loaded: &Loaded,
    counters: &mut Counters,
    notice: Notice,
    now: Now,
) -> Result<Vec<Write>, Error> {
    queue_counted(engine, loaded, counters, (notice, notice.is_caused_by_anybody()), now)
}

/// Queues a notice like [`queue`]. An alarm is the notice of a change that needs no right to the account. Alarms are
/// counted apart, so that nobody uses up the notices of other changes.
fn queue_counted(
    engine: &Engine,
    loaded: &Loaded,
    counters: &mut Counters,
    (notice, is_alarm): (Notice, bool),
    now: Now,
) -> Result<Vec<Write>, Error> {
    let owner = counters.owner().clone();
    let until = now.latest.after(LIFETIME);
    let lifetime = Lifetime { until, garbage_at: Some(until.after(engine.policy.retention)) };
    let mut writes = Vec::new();
    if engine.policy.notify_host {
        let task = StoredTask::Notice { notice, alarm: is_alarm, to: None };
        writes.push(outbox::enqueue(engine, &owner, None, lifetime, now, |_| Ok(task))?);
    }
    let mut receivers = receivers(engine, loaded, &owner, now);
    counters.count_notice(engine, is_alarm, &mut receivers, now.clock);
    for (_, (endpoint, address)) in &receivers {
        let plain = Zeroizing::new(serde_json::to_vec(address).map_err(Error::Body)?);
        writes.push(outbox::enqueue(engine, &owner, None, lifetime, now, |place| {
            let to = Some((endpoint.id(), engine.seal(place, &plain)?));
            Ok(StoredTask::Notice { notice, alarm: is_alarm, to })
        })?);
    }
    Ok(writes)
}

/// Returns the writes of the counters and of the notice, for a change of the factors.
pub(crate) fn changed(
    engine: &Engine,
    loaded: &Loaded,
    owner: &Owner,
    notice: Notice,
    now: Now,
) -> Result<Vec<Write>, Error> {
    let counters = after_change(engine, loaded, owner, notice)?;
    write(engine, loaded, counters, (notice, notice.is_caused_by_anybody()), now)
}

/// Returns the writes like [`changed`], for a subscription that a browser replaced. The change needs no grant, so the
/// notice is an alarm.
pub(crate) fn renewed(
    engine: &Engine,
    loaded: &Loaded,
    owner: &Owner,
    notice: Notice,
    now: Now,
) -> Result<Vec<Write>, Error> {
    let counters = after_change(engine, loaded, owner, notice)?;
    write(engine, loaded, counters, (notice, true), now)
}

/// Returns the writes like [`changed`], for the removal of a completed factor. Forgets lost addresses: a user who
/// removes the last factor on purpose may enroll again.
pub(crate) fn removed(
    engine: &Engine,
    loaded: &Loaded,
    owner: &Owner,
    notice: Notice,
    now: Now,
) -> Result<Vec<Write>, Error> {
    let mut counters = after_change(engine, loaded, owner, notice)?;
    counters.forget_lost();
    write(engine, loaded, counters, (notice, notice.is_caused_by_anybody()), now)
}

/// Returns the notice of a lock. The first delay since the last success and the disabling of the factor have a notice,
/// and later delays have none.
pub(crate) fn of_lock(engine: &Engine, counters: &Counters, factor: Factor, lock: Option<Lock>) -> Option<Notice> {
    if engine.policy.sends.notices_per_user == 0 && !engine.policy.notify_host {
        return None;
    }
    let is_first = counters.failures(factor) == engine.policy.failures_before_delay;
    match lock {
        Some(Lock::DelayedUntil(_)) if is_first => Some(Notice::Locked(factor)),
        // A disabled factor refuses every answer, so there is no second failure to count.
        Some(Lock::Disabled) => Some(Notice::Locked(factor)),
        Some(Lock::DelayedUntil(_)) | None => None,
    }
}

fn after_change(engine: &Engine, loaded: &Loaded, owner: &Owner, notice: Notice) -> Result<Counters, Error> {
    let mut counters = Counters::read(engine, loaded, owner)?;
    counters.factors_changed();
    if matches!(notice, Notice::Removed(kind) | Notice::Disabled(kind) if kind.sends_link()) {
        counters.recall_messages();
    }
    Ok(counters)
}

fn write(
    engine: &Engine,
    loaded: &Loaded,
    mut counters: Counters,
    counted: (Notice, bool),
    now: Now,
) -> Result<Vec<Write>, Error> {
    let notices = queue_counted(engine, loaded, &mut counters, counted, now)?;
    let mut writes = vec![counters.write(engine, now)?];
    writes.extend(notices);
    Ok(writes)
}

/// Returns the addresses that may receive messages, each with the channel, in order of registration. A record that
/// cannot be verified, or is under a missing key, receives nothing. An error here would leave a wrong answer uncounted.
fn receivers(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Vec<(ChallengeType, (Endpoint, Address))> {
    let endpoints = engine.owned_and_readable::<Endpoint>(loaded, owner, now).into_iter();
    let with_address = |endpoint: Endpoint| {
        let address = endpoints::address(engine, &endpoint).ok()?;
        Some((endpoint.channel(), (endpoint, address)))
    };
    let mut receivers: Vec<_> = endpoints.filter(Endpoint::is_usable).filter_map(with_address).collect();
    receivers.sort_by_key(|(_, (endpoint, _))| endpoint.id());
    receivers
}
