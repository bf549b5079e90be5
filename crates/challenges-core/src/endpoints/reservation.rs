use serde::{Deserialize, Serialize};

use super::address::Address;
use super::endpoint::Endpoint;
use super::push_subscription::PushSubscription;
use super::sealed_address;
use crate::codec::{self, Form};
use crate::engine::{Change, Engine, MAX_TRIES, Versioned, find, load};
use crate::error::Error;
use crate::id::EndpointId;
use crate::observer::Observation;
use crate::store::{Commit, Key, Kind, Load, Record, Write};
use crate::throttle::Counters;

/// The reservation of a push subscription: names the only endpoint, over all owners, that receives messages there.
///
/// The shard of a reservation is not the shard of the endpoint, so the reservation is written first. A crash before the
/// endpoint is written leaves a subscription without messages until the next registration. Messages to any other
/// endpoint with the subscription are dropped, so a crash before the earlier endpoint is deleted leaks no message.
#[derive(Serialize, Deserialize)]
struct Reservation {
    v: Form,
    endpoint: EndpointId,
}

/// Reserves a subscription for an endpoint. Replaces the reservation of any other endpoint, and returns that endpoint.
pub(super) async fn reserve(
    engine: &Engine,
    subscription: &PushSubscription,
    endpoint: EndpointId,
) -> Result<Option<EndpointId>, Error> {
    let key = key_of(engine, subscription);
    engine
        .transact(Some(&Load::key(key)), |loaded, _| {
            let (expect, earlier) = match loaded.find(key) {
                None => (None, None),
                Some(stored) => {
                    let earlier = codec::decode::<Reservation>(&stored.record.body)?.endpoint;
                    if earlier == endpoint {
                        return Ok(Change::none(None));
                    }
                    (Some(stored.version), Some(earlier))
                }
            };
            let body = codec::encode(&Reservation { v: Form, endpoint })?;
            let put = Write::put(expect, Record { key, due: None, expires: None, body });
            Ok(Change::new(vec![put], earlier))
        })
        .await
}

/// Returns whether the subscription belongs to the endpoint. Without a reservation, the subscription belongs to none.
async fn is_holder(engine: &Engine, subscription: &PushSubscription, endpoint: EndpointId) -> Result<bool, Error> {
    let key = key_of(engine, subscription);
    let loaded = engine.store.load(&Load::key(key)).await?;
    let Some(stored) = loaded.find(key) else { return Ok(false) };
    Ok(codec::decode::<Reservation>(&stored.record.body)?.endpoint == endpoint)
}

/// Deletes an endpoint whose subscription belongs to another endpoint. Returns whether the subscription belongs to the
/// endpoint.
pub(crate) async fn delete_unless_holder(
    engine: &Engine,
    subscription: &PushSubscription,
    id: EndpointId,
) -> Result<bool, Error> {
    if is_holder(engine, subscription, id).await? {
        return Ok(true);
    }
    for _ in 0..MAX_TRIES {
        let loaded = engine.store.load(&load::<Endpoint>(id.0).with_owned(&[Kind::Counters])).await?;
        let Versioned { value: endpoint, version } = match find::<Endpoint>(&loaded, id.0) {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        // Read after the endpoint. A later registration writes the reservation before the endpoint, so the deletion
        // below meets a conflict.
        if is_holder(engine, subscription, id).await? {
            return Ok(true);
        }
        let delete = Write::delete(Key::new(Kind::Endpoint, id.0), version);
        let owner = endpoint.owner();
        let mut counters = Counters::read(engine, &loaded, owner)?;
        counters.lose_factor(endpoint.channel());
        let writes = vec![delete, counters.write(engine, engine.now())?];
        if engine.commit(writes).await? == Commit::Applied {
            engine.observe(&Observation::EndpointTakenOver { endpoint: id, owner });
            return Ok(false);
        }
    }
    Err(Error::Contended)
}

/// Returns whether the subscription belongs to another endpoint. A subscription without an endpoint does not.
pub(crate) async fn is_taken_over(
    engine: &Engine,
    subscription: &PushSubscription,
    id: EndpointId,
) -> Result<bool, Error> {
    let key = key_of(engine, subscription);
    let loaded = engine.store.load(&Load::key(key)).await?;
    let Some(stored) = loaded.find(key) else { return Ok(false) };
    Ok(codec::decode::<Reservation>(&stored.record.body)?.endpoint != id)
}

/// Releases the reservation of a deleted endpoint. A failure is harmless: the next registration of the subscription
/// takes the reservation over.
pub(crate) async fn release(engine: &Engine, deleted: &Endpoint) {
    let _ = try_release(engine, deleted).await;
}

/// Releases the reservation of an endpoint, if any. If the address cannot be opened, the reservation stays. A
/// reservation holds no name.
pub(crate) async fn try_release(engine: &Engine, endpoint: &Endpoint) -> Result<(), Error> {
    match sealed_address::address(engine, endpoint) {
        Ok(Address::Push(subscription)) => release_subscription(engine, &subscription, endpoint.id()).await,
        Ok(Address::Phone(_) | Address::Email(_)) | Err(_) => Ok(()),
    }
}

/// Releases the reservation of a subscription, unless another endpoint has taken the reservation over.
pub(super) async fn release_subscription(
    engine: &Engine,
    subscription: &PushSubscription,
    endpoint: EndpointId,
) -> Result<(), Error> {
    let key = key_of(engine, subscription);
    engine
        .transact(Some(&Load::key(key)), |loaded, _| {
            let Some(stored) = loaded.find(key) else { return Ok(Change::none(())) };
            if codec::decode::<Reservation>(&stored.record.body)?.endpoint != endpoint {
                return Ok(Change::none(()));
            }
            Ok(Change::new(vec![Write::delete(key, stored.version)], ()))
        })
        .await
}

fn key_of(engine: &Engine, subscription: &PushSubscription) -> Key {
    Key::new(Kind::Reservation, engine.owner_tags.subscription_id(subscription.endpoint()))
}
