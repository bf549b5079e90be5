use super::calls::Endpoints;
use super::endpoint::Endpoint;
use super::registration::{check_cap, endpoint_with_id, find_same, new_id, notice_of, touch_registering};
use super::reservation::{delete_unless_holder, hand_over, keep_if_last, release, reserve};
use super::sealed_address::{self, seal_address};
use crate::addresses::{Address, PushSubscription};
use crate::engine::{Change, Engine, MAX_TRIES, Now, Versioned};
use crate::error::{Error, Invalid};
use crate::grant::Grant;
use crate::id::EndpointId;
use crate::notices::Announce;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Kind, Loaded, Write};
use crate::uri::normal_uri;

/// Checks, in each decision, that the registration is admitted. Returns the writes to commit with the endpoint.
pub(super) type Admit<'a> = &'a (dyn Fn(&Loaded, Now) -> Result<Vec<Write>, Error> + Send + Sync);

/// The rules of a registration.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) admit: Admit<'a>,
    /// Queues the notice.
    pub(super) announce: Announce,
    /// The URL of the subscription to delete in the same commit, unless the URL is that of the new subscription.
    pub(super) replaced: Option<&'a str>,
}

impl Endpoints<'_> {
    /// Registers a push subscription, and deletes the endpoint that had the subscription before.
    ///
    /// Of several concurrent registrations, only the last to reserve the subscription keeps an endpoint. Also returns
    /// whether recovery codes end with the first factor.
    pub(super) async fn register_subscription(
        self,
        owner: &Owner,
        rules: Rules<'_>,
        subscription: PushSubscription,
    ) -> Result<(Endpoint, bool), Error> {
        let engine = self.engine;
        if !engine.push_services.admits(subscription.endpoint()) {
            return Err(Invalid::PushService.into());
        }
        let address = Address::Push(subscription.clone());
        for _ in 0..MAX_TRIES {
            let plan = plan(engine, owner, rules, &address).await?;
            let earlier = reserve(engine, &subscription, plan.id).await?;
            match store(engine, owner, rules, &address, plan).await {
                Ok(None) => {}
                Ok(Some(Stored { endpoint, ends_codes, replaced })) => {
                    // Failures are harmless: dispatchers drop messages to any endpoint without the reservation.
                    if let Some(earlier) = earlier {
                        let _ = delete_unless_holder(engine, &subscription, earlier).await;
                    }
                    let _ = keep_if_last(engine, &subscription, endpoint.id()).await;
                    if let Some(replaced) = replaced {
                        release(engine, &replaced).await;
                        engine.observe(&Observation::EndpointDeleted { endpoint: replaced.id(), owner });
                    }
                    return Ok((endpoint, ends_codes));
                }
                Err(refused @ (Error::Invalid(_) | Error::Grant(_) | Error::NotFound)) => {
                    let _ = give_back(engine, owner, &subscription, plan, earlier).await;
                    return Err(refused);
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Contended)
    }
}

/// The endpoint that a registration writes.
#[derive(Clone, Copy)]
struct Plan {
    id: EndpointId,
    is_new: bool,
}

/// The result of a registration.
struct Stored {
    endpoint: Endpoint,
    ends_codes: bool,
    /// The deleted endpoint.
    replaced: Option<Endpoint>,
}

/// Chooses the endpoint to write: the user's endpoint with the address, or a new one.
async fn plan(engine: &Engine, owner: &Owner, rules: Rules<'_>, address: &Address) -> Result<Plan, Error> {
    let load = engine.load_owned(owner, &Grant::kinds());
    engine
        .transact(Some(&load), |loaded, now| {
            (rules.admit)(loaded, now)?;
            let mut known = engine.owned::<Endpoint>(loaded, owner, now)?;
            take_replaced(engine, &mut known, rules.replaced, address);
            Ok(Change::none(match find_same(engine, &known, address) {
                Some(same) => Plan { id: same.value.id(), is_new: false },
                None => Plan { id: new_id(engine, owner, address, &known, now)?, is_new: true },
            }))
        })
        .await
}

/// Stores the planned endpoint. Returns `None` when another call has created or deleted the endpoint of the address
/// since. A deleted endpoint never returns under the same id, or a late release would release the new reservation.
async fn store(
    engine: &Engine,
    owner: &Owner,
    rules: Rules<'_>,
    address: &Address,
    plan: Plan,
) -> Result<Option<Stored>, Error> {
    let load = engine.load_owned(owner, &Grant::kinds());
    engine
        .transact(Some(&load), |loaded, now| {
            let mut writes = (rules.admit)(loaded, now)?;
            let ends_codes = !writes.is_empty();
            let mut known = engine.owned::<Endpoint>(loaded, owner, now)?;
            // In this commit, so that no other renewal of the same subscription succeeds too.
            let replaced = take_replaced(engine, &mut known, rules.replaced, address);
            let same = find_same(engine, &known, address);
            let notice = notice_of(engine, same.as_ref(), address, replaced.is_some());
            let counters = touch_registering(engine, loaded, owner, notice, rules.announce, now)?;
            let (endpoint, read) = match same {
                Some(same) if same.value.id() == plan.id => {
                    let sealed = seal_address(engine, plan.id, owner, address)?;
                    (same.value.with_address(sealed).confirmed(), Some(same.version))
                }
                None if plan.is_new => {
                    check_cap(engine, address, &known)?;
                    (endpoint_with_id(engine, plan.id, owner, address, now)?, None)
                }
                Some(_) | None => return Ok(Change::none(None)),
            };
            writes.push(engine.put(&endpoint, read)?);
            writes.extend(counters);
            writes.extend(replaced.as_ref().map(Versioned::delete));
            let replaced = replaced.map(|found| found.value);
            Ok(Change::new(writes, Some(Stored { endpoint, ends_codes, replaced })))
        })
        .await
}

/// Gives the reservation of a refused registration back to the earlier endpoint, or to the endpoint that another call
/// of the user has stored meanwhile.
async fn give_back(
    engine: &Engine,
    owner: &Owner,
    subscription: &PushSubscription,
    plan: Plan,
    earlier: Option<EndpointId>,
) -> Result<(), Error> {
    // An earlier endpoint of the same user is not stored, or the plan would name it.
    let earlier = earlier.filter(|earlier| earlier.0.owner() != plan.id.0.owner());
    let to = if plan.is_new {
        let loaded = engine.store.load(&engine.load_owned(owner, &[Kind::Endpoint])).await?;
        let known = engine.owned::<Endpoint>(&loaded, owner, engine.now())?;
        let same = find_same(engine, &known, &Address::Push(subscription.clone())).map(|same| same.value.id());
        same.or(earlier)
    } else if earlier.is_some() {
        earlier
    } else {
        // The endpoint keeps the subscription.
        return Ok(());
    };
    hand_over(engine, subscription, Some(plan.id), to).await
}

/// Takes the push subscription with this URL out, unless `wanted` is the same subscription.
fn take_replaced(
    engine: &Engine,
    known: &mut Vec<Versioned<Endpoint>>,
    url: Option<&str>,
    wanted: &Address,
) -> Option<Versioned<Endpoint>> {
    let url = url?;
    let is_replaced = |found: &Versioned<Endpoint>| {
        is_subscribed(engine, &found.value, url)
            && !sealed_address::address(engine, &found.value).is_ok_and(|known| known.has_destination_of(wanted))
    };
    let index = known.iter().position(is_replaced)?;
    Some(known.swap_remove(index))
}

/// Returns whether the endpoint is the push subscription with this URL.
pub(super) fn is_subscribed(engine: &Engine, endpoint: &Endpoint, url: &str) -> bool {
    // Stored URLs are in normal form.
    let url = normal_uri(url, 2_048);
    let address = sealed_address::address(engine, endpoint);
    matches!(address, Ok(Address::Push(known)) if Some(known.endpoint()) == url.as_deref())
}
