use super::siblings::Siblings;
use super::transaction::Decision;
use super::{Challenges, Now};
use crate::codec;
use crate::endpoint::{self, Address, Endpoint, PushSubscription};
use crate::error::{Capped, Error, Invalid};
use crate::id::EndpointId;
use crate::keyring::{SealError, Sealed};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Expect, Key, Kind, Load, Loaded, Record, Version, Write};

impl Challenges {
    /// Registers a push subscription of a user, to which `web_push` challenges are sent. One of the same push service URL
    /// takes the place of the earlier one and keeps its id.
    ///
    /// Whoever registers it gets the user's push messages: take it from the signed-in user's own browser only. A browser has
    /// one subscription for a site, whoever is signed in there: on a shared one, remove it when its user signs out
    /// ([`Challenges::delete_endpoint`]), or the next user reads the earlier one's messages.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the user has as many as the policy allows, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn register_push(&self, owner: Owner, subscription: PushSubscription) -> Result<Endpoint, Error> {
        self.register_vouched_endpoint(owner, Address::Push(subscription)).await
    }

    /// Registers an address for which the caller vouches that it is the user's, and is used at once, without being
    /// confirmed. One that was switched off stays off: [`Challenges::set_endpoint_enabled`] switches it on. For a phone number
    /// that a user names, [`Challenges::register_phone`] asks for a code first.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the user has as many as the policy allows, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn register_vouched_endpoint(&self, owner: Owner, address: Address) -> Result<Endpoint, Error> {
        let load = self.load_of(&owner, &[Kind::Endpoint, Kind::Subject]);
        let endpoint = self
            .transact(Some(&load), |loaded, now| {
                let siblings = self.siblings(loaded, &owner, now)?;
                let (endpoint, read) = match self.find_same(&siblings, &address, loaded) {
                    Some((same, version)) => {
                        let sealed = self.seal_address(same.id(), &owner, &address)?;
                        (same.with_address(sealed).confirmed(), Some(version))
                    }
                    None => (self.new_endpoint(&owner, &address, &siblings, now)?, None),
                };
                let writes = vec![self.put_endpoint(&endpoint, read)?, self.change_set(loaded, &owner, now)?];
                Ok(Decision::Commit(writes, endpoint))
            })
            .await?;
        self.observe(&Observation::EndpointRegistered(&endpoint));
        Ok(endpoint)
    }

    /// The phone numbers and push subscriptions of a user, at most `limit` (1 to 500), in order of registration.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn endpoints(&self, owner: &Owner, limit: usize) -> Result<Vec<Endpoint>, Error> {
        let now = self.time().latest;
        self.list(Some(owner), Kind::Endpoint, None, limit, |body| {
            let endpoint = Endpoint::from_body(codec::decode(body)?);
            Ok((endpoint.owner() == owner && endpoint.is_alive(&self.inner.policy, now)).then_some(endpoint))
        })
        .await
    }

    /// Where messages to an endpoint go.
    ///
    /// # Errors
    ///
    /// [`Error::Seal`] when it does not open with the keys at hand.
    pub fn address(&self, endpoint: &Endpoint) -> Result<Address, Error> {
        let plain = self.inner.ring.open(endpoint.place(), endpoint.sealed_address())?;
        serde_json::from_slice(&plain).map_err(|_| SealError::Forged.into())
    }

    /// Has challenges sent to an endpoint again, or no more. What is on its way to a disabled one is not sent.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn set_endpoint_enabled(&self, owner: &Owner, id: EndpointId, enabled: bool) -> Result<Endpoint, Error> {
        let endpoint = self
            .transact(Some(&load(id)), |loaded, now| {
                let (endpoint, version) = find(loaded, owner, id)?;
                let endpoint = endpoint.enabled(enabled);
                let writes = vec![self.put_endpoint(&endpoint, Some(version))?, self.change_set(loaded, owner, now)?];
                Ok(Decision::Commit(writes, endpoint))
            })
            .await?;
        self.observe(&Observation::EndpointSwitched(&endpoint));
        Ok(endpoint)
    }

    /// Removes a phone number or push subscription of a user. What is on its way there is not sent.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn delete_endpoint(&self, owner: &Owner, id: EndpointId) -> Result<(), Error> {
        self.transact(Some(&load(id)), |loaded, now| {
            let (_, version) = find(loaded, owner, id)?;
            let delete = Write::delete(Key::new(Kind::Endpoint, id.0), version);
            Ok(Decision::Commit(vec![delete, self.change_set(loaded, owner, now)?], ()))
        })
        .await?;
        self.observe(&Observation::EndpointDeleted(id));
        Ok(())
    }

    /// An endpoint of the same destination. One whose address does not open is another.
    pub(super) fn find_same(
        &self,
        siblings: &Siblings,
        address: &Address,
        loaded: &Loaded,
    ) -> Option<(Endpoint, Version)> {
        let is_same = |endpoint: &&Endpoint| {
            let known = self.address(endpoint);
            known.is_ok_and(|known| known.destination() == address.destination())
        };
        let same =
            siblings.endpoints.iter().filter(|endpoint| endpoint.channel() == address.channel()).find(is_same)?;
        let stored = loaded.find(Key::new(Kind::Endpoint, same.id().0))?;
        Some((same.clone(), stored.version))
    }

    pub(super) fn new_endpoint(
        &self,
        owner: &Owner,
        address: &Address,
        siblings: &Siblings,
        now: Now,
    ) -> Result<Endpoint, Error> {
        let max = self.inner.policy.endpoints;
        let channel = address.channel();
        if siblings.endpoints.iter().filter(|endpoint| endpoint.channel() == channel).count() >= max {
            return Err(Invalid::TooMany { what: Capped::Endpoints, max }.into());
        }
        let id = EndpointId(self.mint(owner, now)?);
        let sealed = self.seal_address(id, owner, address)?;
        Ok(Endpoint::new(id, owner.clone(), now.clock, channel, sealed))
    }

    fn seal_address(&self, id: EndpointId, owner: &Owner, address: &Address) -> Result<Sealed, Error> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(address).map_err(Error::Body)?);
        Ok(self.inner.ring.seal(self.entropy(), endpoint::place(id, owner), &plain)?)
    }

    pub(super) fn put_endpoint(&self, endpoint: &Endpoint, read: Option<Version>) -> Result<Write, Error> {
        let key = Key::new(Kind::Endpoint, endpoint.id().0);
        let expires = endpoint.expires(&self.inner.policy);
        let record = Record { key, due: None, expires, body: codec::encode(endpoint.body())? };
        Ok(Write::put(read.map_or(Expect::Absent, Expect::At), record))
    }
}

pub(super) fn load(id: EndpointId) -> Load {
    Load::key(Key::new(Kind::Endpoint, id.0)).with_siblings(&[Kind::Subject])
}

/// The endpoint among what was loaded, if it is that owner's.
pub(super) fn find(loaded: &Loaded, owner: &Owner, id: EndpointId) -> Result<(Endpoint, Version), Error> {
    let stored = loaded.find(Key::new(Kind::Endpoint, id.0)).ok_or(Error::NotFound)?;
    let endpoint = Endpoint::from_body(codec::decode(&stored.record.body)?);
    if endpoint.owner() == owner { Ok((endpoint, stored.version)) } else { Err(Error::NotFound) }
}
