use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use super::sealed_address;
use crate::addresses::{Address, PushSubscription};
use crate::codec::{self, Form};
use crate::engine::{Change, Engine, MAX_TRIES, Versioned, find, load};
use crate::error::Error;
use crate::id::EndpointId;
use crate::observer::Observation;
use crate::store::{Commit, Key, Kind, Load, Loaded, Record, Stored, Version, Write};
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
            Ok(Change::new(vec![put(key, expect, endpoint)?], earlier))
        })
        .await
}

/// Returns whether the subscription belongs to the endpoint. Without a reservation, the subscription belongs to none.
async fn is_holder(engine: &Engine, subscription: &PushSubscription, endpoint: EndpointId) -> Result<bool, Error> {
    let key = key_of(engine, subscription);
    Ok(holder(&engine.store.load(&Load::key(key)).await?, key)? == Some(endpoint))
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
        counters.recall_messages();
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
    let holder = holder(&engine.store.load(&Load::key(key)).await?, key)?;
    Ok(holder.is_some_and(|holder| holder != id))
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
async fn release_subscription(
    engine: &Engine,
    subscription: &PushSubscription,
    endpoint: EndpointId,
) -> Result<(), Error> {
    hand_over(engine, subscription, Some(endpoint), None).await
}

/// Gives the reservation of an endpoint, or of none, to another endpoint or to none. Does nothing if another endpoint has
/// the reservation.
pub(super) async fn hand_over(
    engine: &Engine,
    subscription: &PushSubscription,
    from: Option<EndpointId>,
    to: Option<EndpointId>,
) -> Result<(), Error> {
    let key = key_of(engine, subscription);
    engine
        .transact(Some(&Load::key(key)), |loaded, _| {
            if holder(loaded, key)? != from {
                return Ok(Change::none(()));
            }
            let version = loaded.find(key).map(|stored| stored.version);
            let write = match (to, version) {
                (Some(endpoint), version) => put(key, version, endpoint)?,
                (None, Some(version)) => Write::delete(key, version),
                (None, None) => return Ok(Change::none(())),
            };
            Ok(Change::new(vec![write], ()))
        })
        .await
}

/// Deletes a stored endpoint whose subscription belongs to an endpoint of another user.
///
/// Another call of the same user may have reserved the subscription for an endpoint that is not stored, or have released
/// that reservation. Such a call never stores the endpoint, because the user has this one, which is reserved again.
pub(super) async fn keep_if_last(
    engine: &Engine,
    subscription: &PushSubscription,
    endpoint: EndpointId,
) -> Result<(), Error> {
    let key = key_of(engine, subscription);
    let is_stored = async |id: EndpointId| -> Result<bool, Error> {
        let loaded = engine.store.load(&load::<Endpoint>(id.0)).await?;
        Ok(loaded.find(Key::new(Kind::Endpoint, id.0)).is_some())
    };
    for _ in 0..MAX_TRIES {
        let holder = holder(&engine.store.load(&Load::key(key)).await?, key)?;
        let is_abandoned = match holder {
            Some(holder) if holder == endpoint => return Ok(()),
            Some(holder) => holder.0.owner() == endpoint.0.owner() && !is_stored(holder).await?,
            None => is_stored(endpoint).await?,
        };
        if !is_abandoned {
            return delete_unless_holder(engine, subscription, endpoint).await.map(drop);
        }
        hand_over(engine, subscription, holder, Some(endpoint)).await?;
    }
    Err(Error::Contended)
}

fn holder(loaded: &Loaded, key: Key) -> Result<Option<EndpointId>, Error> {
    let body = |stored: &Stored| codec::decode::<Reservation>(&stored.record.body);
    Ok(loaded.find(key).map(body).transpose()?.map(|reservation| reservation.endpoint))
}

fn put(key: Key, expected: Option<Version>, endpoint: EndpointId) -> Result<Write, Error> {
    let body = codec::encode(&Reservation { v: Form, endpoint })?;
    Ok(Write::put(expected, Record { key, due: None, expires: None, body }))
}

fn key_of(engine: &Engine, subscription: &PushSubscription) -> Key {
    Key::new(Kind::Reservation, engine.owner_tags.subscription_id(subscription.endpoint()))
}
