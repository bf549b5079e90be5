use super::endpoint::Endpoint;
use super::push_registration::Rules;
use super::registration::{find_same, new_endpoint, notice_of, touch_registering};
use super::reservation::release;
use super::sealed_address::{self, seal_address};
use crate::addresses::{Address, PushSubscription};
use crate::challenge_type::ChallengeType;
use crate::engine::{self, Change, Engine, Now, Scope};
use crate::error::Error;
use crate::grant::Grant;
use crate::id::EndpointId;
use crate::notices;
use crate::observer::Observation;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::recovery;
use crate::store::Loaded;
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
    /// URL replaces the earlier subscription and keeps the id. With other keys, this counts as a new address.
    ///
    /// The subscribed browser receives the push messages of the user, so accept a subscription only from the browser of
    /// the signed-in user. A browser has one subscription per site, regardless of the signed-in user.
    ///
    /// A subscription belongs to the user who registered it last. The endpoint of an earlier user is deleted
    /// ([`Observation::EndpointTakenOver`](crate::Observation::EndpointTakenOver)), and queued messages to it are
    /// dropped. Still [end](Self::forget_push) the subscription at sign-out: until the next user registers, the browser
    /// shows the messages of the user who signed out.
    ///
    /// The URL of the push service must be one that messages may be sent to; see
    /// [`Builder::push_services`](crate::Builder::push_services).
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Invalid`] when the user has reached the cap of the policy, or the push service is refused.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.register_push", level = "debug", skip_all))]
    pub async fn register_push(
        self,
        owner: Owner,
        grant: &Grant,
        subscription: PushSubscription,
    ) -> Result<Endpoint, Error> {
        self.register(owner, grant, Address::Push(subscription)).await
    }

    /// Registers an address without a confirmation code. The caller vouches that the address belongs to the user. A
    /// push subscription is registered like in [`register_push`](Self::register_push).
    ///
    /// A disabled endpoint stays disabled; [`set_enabled`](Self::set_enabled) enables the endpoint again. For an
    /// address entered by the user, call [`register_phone`](Self::register_phone) or
    /// [`register_email`](Self::register_email) instead.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Invalid`] when the user has reached the cap of the policy, or the push service is refused.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(
        feature = "tracing",
        tracing::instrument(name = "endpoints.register_confirmed", level = "debug", skip_all)
    )]
    pub async fn register_confirmed(self, owner: Owner, grant: &Grant, address: Address) -> Result<Endpoint, Error> {
        self.register(owner, grant, address).await
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

    /// Enables or disables an endpoint. Disabling ends links and codes like [`delete`](Self::delete).
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such endpoint.
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.set_enabled", level = "debug", skip_all))]
    pub async fn set_enabled(
        self,
        owner: &Owner,
        grant: &Grant,
        id: EndpointId,
        enabled: bool,
    ) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let load = engine::load::<Endpoint>(id.0).with_owned(&Grant::kinds());
        let endpoint = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<Endpoint>(loaded, owner, id.0)?;
                let replaced = (!enabled).then_some(found.value.channel());
                grant.admit(engine, loaded, owner, replaced, now)?;
                let was_usable = found.value.is_usable();
                let endpoint = found.value.with_enabled(enabled);
                let mut writes = vec![engine.put(&endpoint, Some(found.version))?];
                if endpoint.is_usable() == was_usable {
                    writes.push(throttle::touch(engine, loaded, owner, now)?);
                } else {
                    let channel = endpoint.channel();
                    let notice = if enabled { Notice::Enabled(channel) } else { Notice::Disabled(channel) };
                    writes.extend(notices::changed(engine, loaded, owner, notice, now)?);
                }
                Ok(Change::new(writes, endpoint))
            })
            .await?;
        grant.observe(engine, owner);
        engine.observe(&Observation::EndpointSwitched { endpoint: id, owner, channel: endpoint.channel(), enabled });
        Ok(endpoint)
    }

    /// Deletes an endpoint of a user.
    ///
    /// The links and codes of all messages sent to the user before are refused from then on, in every open challenge,
    /// and queued messages with a link are dropped. These include the messages to other addresses, because the messages
    /// of a challenge share a secret. A login that waits for a message needs another message
    /// ([`Challenges::resend`](crate::Challenges::resend)) or another factor. Refused answers are not
    /// counted, unless the challenge also takes a code.
    ///
    /// The deletion ends no proof: an answer from before can still be [collected](crate::step_up::StepUps::collect), and
    /// its step-up stays valid. The links of one-time-use actions stay valid too, because the library does not know
    /// where the host sent them.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such endpoint.
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Invalid::LastFactor`](crate::Invalid::LastFactor) when the endpoint is the user's last completed factor.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.delete", level = "debug", skip_all))]
    pub async fn delete(self, owner: &Owner, grant: &Grant, id: EndpointId) -> Result<(), Error> {
        let engine = self.engine;
        let load = engine::load::<Endpoint>(id.0).with_owned(&Grant::kinds());
        let deleted = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<Endpoint>(loaded, owner, id.0)?;
                let delete = found.delete();
                let endpoint = found.value;
                let notice = Notice::Removed(endpoint.channel());
                let mut writes = vec![delete];
                if endpoint.is_factor() {
                    grant.admit_removing(engine, loaded, owner, endpoint.channel(), now)?;
                    writes.extend(notices::removed(engine, loaded, owner, notice, now)?);
                } else {
                    grant.admit(engine, loaded, owner, None, now)?;
                    if endpoint.is_confirmed() {
                        writes.extend(notices::changed(engine, loaded, owner, notice, now)?);
                    } else {
                        writes.push(throttle::touch(engine, loaded, owner, now)?);
                    }
                }
                Ok(Change::new(writes, endpoint))
            })
            .await?;
        release(engine, &deleted).await;
        grant.observe(engine, owner);
        engine.observe(&Observation::EndpointDeleted { endpoint: id, owner });
        Ok(())
    }

    async fn register(self, owner: Owner, grant: &Grant, address: Address) -> Result<Endpoint, Error> {
        let (endpoint, ends_codes) = match &address {
            Address::Push(subscription) => {
                let admit = |loaded: &Loaded, now: Now| {
                    grant.admit_completing(self.engine, loaded, &owner, ChallengeType::WebPush, now.clock, now)
                };
                let rules = Rules { admit: &admit, announce: notices::changed, replaced: None };
                self.register_subscription(&owner, rules, subscription.clone()).await?
            }
            Address::Phone(_) | Address::Email(_) => self.register_unreserved(&owner, grant, address).await?,
        };
        grant.observe(self.engine, &owner);
        recovery::observe_ended(self.engine, &owner, ends_codes);
        self.engine.observe(&Observation::EndpointRegistered {
            endpoint: endpoint.id(),
            owner: &owner,
            channel: endpoint.channel(),
        });
        Ok(endpoint)
    }

    /// Registers an address that may belong to several users. Also returns whether recovery codes end with the first
    /// factor.
    async fn register_unreserved(
        self,
        owner: &Owner,
        grant: &Grant,
        address: Address,
    ) -> Result<(Endpoint, bool), Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &Grant::kinds());
        engine
            .transact(Some(&load), |loaded, now| {
                let mut writes = grant.admit_completing(engine, loaded, owner, address.channel(), now.clock, now)?;
                let ends_codes = !writes.is_empty();
                let known = engine.owned::<Endpoint>(loaded, owner, now)?;
                let same = find_same(engine, &known, &address);
                let notice = notice_of(engine, same.as_ref(), &address, false);
                let counters = touch_registering(engine, loaded, owner, notice, notices::changed, now)?;
                let (endpoint, read) = match same {
                    Some(same) => {
                        let sealed = seal_address(engine, same.value.id(), owner, &address)?;
                        (same.value.with_address(sealed).confirmed(), Some(same.version))
                    }
                    None => (new_endpoint(engine, owner, &address, &known, now)?, None),
                };
                writes.push(engine.put(&endpoint, read)?);
                writes.extend(counters);
                Ok(Change::new(writes, (endpoint, ends_codes)))
            })
            .await
    }
}
