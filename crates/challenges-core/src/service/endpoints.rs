use super::Challenges;
use super::transaction::Decision;
use crate::codec;
use crate::endpoint::{self, Address, Endpoint};
use crate::error::{Capped, Error, Invalid};
use crate::id::EndpointId;
use crate::keyring::SealError;
use crate::owner::Owner;
use crate::store::{Expect, Key, Kind, Load, Record, Write};

impl Challenges {
    /// Registers a phone number or push subscription of a user, to which `sms` and `web_push` challenges are sent. The
    /// caller vouches that it is the user's.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the user has as many as the policy allows, [`Error::Store`] when the store fails.
    pub async fn register_endpoint(&self, owner: Owner, address: Address) -> Result<Endpoint, Error> {
        let load = self.load_of(&owner, &[Kind::Endpoint, Kind::Subject]);
        self.transact(Some(&load), |loaded, now| {
            let max = self.inner.policy.endpoints;
            let siblings = self.siblings(loaded, &owner, now)?;
            let channel = address.channel();
            if siblings.endpoints.iter().filter(|endpoint| endpoint.channel() == channel).count() >= max {
                return Err(Invalid::TooMany { what: Capped::Endpoints, max }.into());
            }
            let id = EndpointId(self.mint(&owner, now)?);
            let plain = zeroize::Zeroizing::new(serde_json::to_vec(&address).map_err(Error::Body)?);
            let sealed = self.inner.ring.seal(self.entropy(), endpoint::place(id, &owner), &plain)?;
            let endpoint = Endpoint::new(id, owner.clone(), now.clock, channel, sealed);
            let key = Key::new(Kind::Endpoint, id.0);
            let record = Record { key, due: None, expires: None, body: codec::encode(endpoint.body())? };
            let writes = vec![Write::put(Expect::Absent, record), self.change_set(loaded, &owner, now)?];
            Ok(Decision::Commit(writes, endpoint))
        })
        .await
    }

    /// The phone numbers and push subscriptions of a user, at most `limit` (1 to 500), in order of registration.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    pub async fn endpoints(&self, owner: &Owner, limit: usize) -> Result<Vec<Endpoint>, Error> {
        self.list(Some(owner), Kind::Endpoint, None, limit, |body| {
            let endpoint = Endpoint::from_body(codec::decode(body)?);
            Ok((endpoint.owner() == owner).then_some(endpoint))
        })
        .await
    }

    /// Where messages to an endpoint go.
    ///
    /// # Errors
    ///
    /// [`Error::Seal`] when it does not open with the keys at hand.
    pub fn address(&self, endpoint: &Endpoint) -> Result<Address, Error> {
        let place = endpoint::place(endpoint.id(), endpoint.owner());
        let plain = self.inner.ring.open(place, endpoint.sealed_address())?;
        serde_json::from_slice(&plain).map_err(|_| SealError::Forged.into())
    }

    /// Removes a phone number or push subscription of a user.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    pub async fn remove_endpoint(&self, owner: &Owner, id: EndpointId) -> Result<(), Error> {
        let key = Key::new(Kind::Endpoint, id.0);
        let load = Load::key(key).with_siblings(&[Kind::Subject]);
        self.transact(Some(&load), |loaded, now| {
            let stored = loaded.find(key).ok_or(Error::NotFound)?;
            let endpoint = Endpoint::from_body(codec::decode(&stored.record.body)?);
            if endpoint.owner() != owner {
                return Err(Error::NotFound);
            }
            Ok(Decision::Commit(vec![Write::delete(key, stored.version), self.change_set(loaded, owner, now)?], ()))
        })
        .await
    }
}
