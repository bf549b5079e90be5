use super::address::Address;
use super::calls::Endpoints;
use super::endpoint::Endpoint;
use super::push_subscription::PushSubscription;
use super::registration::{check_cap, endpoint_with_id, find_same, new_id, touch_registering};
use super::reservation::{delete_unless_holder, release_subscription, reserve};
use super::sealed_address::seal_address;
use crate::engine::{Change, Engine, MAX_TRIES, Now};
use crate::error::{Error, Invalid};
use crate::grant::Grant;
use crate::id::EndpointId;
use crate::notices::Announce;
use crate::owner::Owner;
use crate::store::{Loaded, Write};

/// Checks, in each decision, that the registration is admitted. Returns the writes to commit with the endpoint.
pub(super) type Admit<'a> = &'a (dyn Fn(&Loaded, Now) -> Result<Vec<Write>, Error> + Send + Sync);

impl Endpoints<'_> {
    /// Registers a push subscription, and deletes the endpoint that had the subscription before.
    ///
    /// `announce` queues the notice. Of several concurrent registrations, only the last to reserve the subscription
    /// keeps an endpoint. Also returns whether recovery codes end with the first factor.
    pub(super) async fn register_subscription(
        self,
        owner: &Owner,
        admit: Admit<'_>,
        announce: Announce,
        subscription: PushSubscription,
    ) -> Result<(Endpoint, bool), Error> {
        let engine = self.engine;
        if !engine.push_services.admits(subscription.endpoint()) {
            return Err(Invalid::PushService.into());
        }
        let address = Address::Push(subscription.clone());
        for _ in 0..MAX_TRIES {
            let plan = plan(engine, owner, admit, &address).await?;
            let earlier = reserve(engine, &subscription, plan.id).await?;
            match store(engine, owner, (admit, announce), &address, plan).await {
                Ok(None) => {}
                Ok(Some((endpoint, ends_codes))) => {
                    // Failures are harmless: dispatchers drop messages to any endpoint without the reservation.
                    if let Some(earlier) = earlier {
                        let _ = delete_unless_holder(engine, &subscription, earlier).await;
                    }
                    let _ = delete_unless_holder(engine, &subscription, endpoint.id()).await;
                    return Ok((endpoint, ends_codes));
                }
                Err(refused @ (Error::Invalid(_) | Error::Grant(_))) => {
                    let _ = release_subscription(engine, &subscription, plan.id).await;
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

/// Chooses the endpoint to write: the user's endpoint with the address, or a new one.
async fn plan(engine: &Engine, owner: &Owner, admit: Admit<'_>, address: &Address) -> Result<Plan, Error> {
    let load = engine.load_owned(owner, &Grant::kinds());
    engine
        .transact(Some(&load), |loaded, now| {
            admit(loaded, now)?;
            let known = engine.owned::<Endpoint>(loaded, owner, now)?;
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
    (admit, announce): (Admit<'_>, Announce),
    address: &Address,
    plan: Plan,
) -> Result<Option<(Endpoint, bool)>, Error> {
    let load = engine.load_owned(owner, &Grant::kinds());
    engine
        .transact(Some(&load), |loaded, now| {
            let mut writes = admit(loaded, now)?;
            let ends_codes = !writes.is_empty();
            let known = engine.owned::<Endpoint>(loaded, owner, now)?;
            let same = find_same(engine, &known, address);
            let counters = touch_registering(engine, loaded, owner, address.channel(), same.as_ref(), announce, now)?;
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
            Ok(Change::new(writes, Some((endpoint, ends_codes))))
        })
        .await
}
