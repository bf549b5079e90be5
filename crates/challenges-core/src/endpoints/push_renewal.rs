use super::calls::Endpoints;
use super::endpoint::Endpoint;
use super::push_registration::{Rules, is_subscribed};
use super::reservation::release;
use crate::addresses::PushSubscription;
use crate::engine::{Change, Now};
use crate::error::Error;
use crate::notices;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Kind, Loaded};
use crate::throttle;

impl Endpoints<'_> {
    /// Ends the push subscription of a browser that signs out, or that replaced the subscription. `url` is the URL of
    /// the push service, known to this browser only. Links and codes sent before end like in
    /// [`delete`](Self::delete). Does nothing if the user has no such subscription.
    ///
    /// No grant is needed, because anybody may sign out. The subscription therefore still counts as a factor in
    /// [`AccountStatus::has_factor`](crate::account::AccountStatus::has_factor), until the user removes a completed
    /// factor, or support calls [`Account::unlock`](crate::Account::unlock).
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.forget_push", level = "debug", skip_all))]
    pub async fn forget_push(self, owner: &Owner, url: &str) -> Result<(), Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &[Kind::Endpoint, Kind::Counters]);
        let forgotten = engine
            .transact(Some(&load), |loaded, now| {
                let known = engine.owned::<Endpoint>(loaded, owner, now)?;
                let Some(found) = known.into_iter().find(|found| is_subscribed(engine, &found.value, url)) else {
                    return Ok(Change::none(None));
                };
                let writes = vec![found.delete(), throttle::touch_losing(engine, loaded, owner, now)?];
                Ok(Change::new(writes, Some(found.value)))
            })
            .await?;
        if let Some(endpoint) = forgotten {
            release(engine, &endpoint).await;
            engine.observe(&Observation::EndpointDeleted { endpoint: endpoint.id(), owner });
        }
        Ok(())
    }

    /// Registers the push subscription that replaces an earlier one in a browser, and ends the earlier one
    /// (`pushsubscriptionchange`, Push API section 11.4). No grant is needed: `replaced` is the URL of the earlier
    /// subscription, known to this browser only. The keys of the earlier subscription would prove no more, because a
    /// script that reads the URL in the browser reads the keys too.
    ///
    /// The user receives a notice, unless URL and keys are those of the earlier subscription. The notice is counted with
    /// the locks; see [`Notice`](crate::outbox::Notice).
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no enabled subscription with the URL `replaced`.
    /// - [`Error::Invalid`] when the push service is refused.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.renew_push", level = "debug", skip_all))]
    pub async fn renew_push(
        self,
        owner: &Owner,
        replaced: &str,
        subscription: PushSubscription,
    ) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let admit = |loaded: &Loaded, now: Now| {
            let mut known = engine.owned::<Endpoint>(loaded, owner, now)?.into_iter().map(|found| found.value);
            let replaces = known.any(|known| known.is_enabled() && is_subscribed(engine, &known, replaced));
            if replaces { Ok(Vec::new()) } else { Err(Error::NotFound) }
        };
        let rules = Rules { admit: &admit, announce: notices::renewed, replaced: Some(replaced) };
        let (endpoint, _) = self.register_subscription(owner, rules, subscription).await?;
        let (id, channel) = (endpoint.id(), endpoint.channel());
        engine.observe(&Observation::EndpointRegistered { endpoint: id, owner, channel });
        Ok(endpoint)
    }
}
