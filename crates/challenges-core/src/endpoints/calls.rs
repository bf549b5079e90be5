use super::address::Address;
use super::endpoint::Endpoint;
use super::push_subscription::PushSubscription;
use super::registration::{find_same, new_endpoint, touch_registering};
use super::reservation::release;
use super::sealed_address::{self, seal_address};
use crate::challenge_type::ChallengeType;
use crate::engine::{self, Change, Engine, Scope};
use crate::error::Error;
use crate::id::EndpointId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Key, Kind, Write};
use crate::throttle;

/// The calls for endpoints of users. Returned by [`Challenges::endpoints`](crate::Challenges::endpoints).
#[derive(Clone, Copy, Debug)]
pub struct Endpoints<'a> {
    pub(super) engine: &'a Engine,
}

impl<'a> Endpoints<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }
}

impl Endpoints<'_> {
    /// Registers a push subscription of a user, for `web_push` challenges. A subscription with the same push service
    /// URL replaces the earlier subscription and keeps the id.
    ///
    /// The subscribed browser receives the push messages of the user, so accept a subscription only from the browser of
    /// the signed-in user. A browser has one subscription per site, regardless of the signed-in user.
    ///
    /// A subscription belongs to the user who registered it last. The endpoint of an earlier user is deleted
    /// ([`Observation::EndpointTakenOver`](crate::Observation::EndpointTakenOver)), and queued messages to it are
    /// dropped. Still [delete](Self::delete) the subscription at sign-out: until the next user registers, the browser
    /// shows the messages of the user who signed out.
    ///
    /// The URL of the push service must be one that messages may be sent to; see
    /// [`Builder::push_services`](crate::Builder::push_services).
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the user has reached the cap of the policy, or the push service is refused.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.register_push", level = "debug", skip_all))]
    pub async fn register_push(self, owner: Owner, subscription: PushSubscription) -> Result<Endpoint, Error> {
        self.register(owner, Address::Push(subscription)).await
    }

    /// Registers an address without a confirmation code. The caller vouches that the address belongs to the user. A push
    /// subscription is registered as by [`register_push`](Self::register_push).
    ///
    /// A disabled endpoint stays disabled; [`set_enabled`](Self::set_enabled) enables the endpoint again. For an address
    /// entered by the user, call [`register_phone`](Self::register_phone) or [`register_email`](Self::register_email)
    /// instead.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the user has reached the cap of the policy, or the push service is refused.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(
        feature = "tracing",
        tracing::instrument(name = "endpoints.register_confirmed", level = "debug", skip_all)
    )]
    pub async fn register_confirmed(self, owner: Owner, address: Address) -> Result<Endpoint, Error> {
        self.register(owner, address).await
    }

    /// Lists the endpoints of a user after a cursor, in order of registration. `limit` is 1 to 500.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the limit is out of range.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.list", level = "debug", skip_all))]
    pub async fn list(self, owner: &Owner, after: Option<EndpointId>, limit: usize) -> Result<Vec<Endpoint>, Error> {
        self.engine.list(Scope::Owner(owner), after.map(|id| id.0), limit).await
    }

    /// Opens the address of an endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Seal`] when the keys in the ring do not open the address.
    pub fn address(self, endpoint: &Endpoint) -> Result<Address, Error> {
        sealed_address::address(self.engine, endpoint)
    }

    /// Enables or disables an endpoint. Queued messages to a disabled endpoint are dropped.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such endpoint.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.set_enabled", level = "debug", skip_all))]
    pub async fn set_enabled(self, owner: &Owner, id: EndpointId, enabled: bool) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let load = engine::load::<Endpoint>(id.0).with_owned(&[Kind::Counters]);
        let endpoint = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<Endpoint>(loaded, owner, id.0)?;
                let was_usable = found.value.is_usable();
                let endpoint = found.value.with_enabled(enabled);
                let put = engine.put(&endpoint, Some(found.version))?;
                let is_changing = endpoint.is_usable() != was_usable;
                let touch = if is_changing { throttle::touch_changing } else { throttle::touch };
                Ok(Change::new(vec![put, touch(engine, loaded, owner, now)?], endpoint))
            })
            .await?;
        engine.observe(&Observation::EndpointSwitched { endpoint: id, owner, channel: endpoint.channel(), enabled });
        Ok(endpoint)
    }

    /// Deletes an endpoint of a user. Queued messages to the endpoint are dropped.
    ///
    /// Pages delete a push subscription at sign-out, without asking for a factor. A deleted subscription therefore still counts as
    /// a factor in [`AccountStatus::has_factor`](crate::account::AccountStatus::has_factor), until the user removes a confirmed
    /// number or a completed enrollment, or support calls [`Account::unlock`](crate::Account::unlock).
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such endpoint.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.delete", level = "debug", skip_all))]
    pub async fn delete(self, owner: &Owner, id: EndpointId) -> Result<(), Error> {
        let engine = self.engine;
        let load = engine::load::<Endpoint>(id.0).with_owned(&[Kind::Counters]);
        let deleted = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<Endpoint>(loaded, owner, id.0)?;
                let delete = Write::delete(Key::new(Kind::Endpoint, id.0), found.version);
                let endpoint = found.value;
                let channel = endpoint.channel();
                let counters = if channel == ChallengeType::WebPush {
                    // Whoever uses the browser next can sign out, and must not leave the user without a factor.
                    throttle::touch_losing(engine, loaded, owner, channel, now)?
                } else if endpoint.is_factor() {
                    throttle::touch_removing(engine, loaded, owner, now)?
                } else if endpoint.is_confirmed() {
                    throttle::touch_changing(engine, loaded, owner, now)?
                } else {
                    throttle::touch(engine, loaded, owner, now)?
                };
                Ok(Change::new(vec![delete, counters], endpoint))
            })
            .await?;
        release(engine, &deleted).await;
        engine.observe(&Observation::EndpointDeleted { endpoint: id, owner });
        Ok(())
    }

    async fn register(self, owner: Owner, address: Address) -> Result<Endpoint, Error> {
        let endpoint = match &address {
            Address::Push(subscription) => self.register_subscription(&owner, subscription.clone()).await?,
            Address::Phone(_) | Address::Email(_) => self.register_unreserved(&owner, address).await?,
        };
        self.engine.observe(&Observation::EndpointRegistered {
            endpoint: endpoint.id(),
            owner: &owner,
            channel: endpoint.channel(),
        });
        Ok(endpoint)
    }

    /// Registers an address that may belong to several users.
    async fn register_unreserved(self, owner: &Owner, address: Address) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &[Kind::Endpoint, Kind::Counters]);
        engine
            .transact(Some(&load), |loaded, now| {
                let known = engine.owned::<Endpoint>(loaded, owner, now)?;
                let same = find_same(engine, &known, &address);
                let counters = touch_registering(engine, loaded, owner, same.as_ref(), now)?;
                let (endpoint, read) = match same {
                    Some(same) => {
                        let sealed = seal_address(engine, same.value.id(), owner, &address)?;
                        (same.value.with_address(sealed).confirmed(), Some(same.version))
                    }
                    None => (new_endpoint(engine, owner, &address, &known, now)?, None),
                };
                Ok(Change::new(vec![engine.put(&endpoint, read)?, counters], endpoint))
            })
            .await
    }
}
