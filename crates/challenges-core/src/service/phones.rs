use super::endpoints::{find, load};
use super::subjects::subject_or_new;
use super::transaction::Decision;
use super::{Challenges, Now};
use crate::challenge::Refused;
use crate::endpoint::{Address, Endpoint, PhoneNumber};
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::id::EndpointId;
use crate::observer::Observation;
use crate::outbox::{self, TaskBody};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::{Kind, Loaded, Version, Write};
use crate::subject::{Factor, Lock};

/// What became of a code.
enum Verdict {
    Confirmed(Endpoint),
    Wrong(Endpoint, Option<Lock>),
    Refused(Refused),
}

impl Challenges {
    /// Registers a phone number that a user names. A code of six digits is sent to it; until that came back
    /// ([`Challenges::confirm_endpoint`]) no challenge is. A number that is confirmed already is left as it is, and one
    /// that waits for its code is sent another. A dispatcher sends the code, see [`Challenges::dispatch`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the user has as many as the policy allows, or too much was sent to the user of late;
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn register_phone(&self, owner: Owner, number: PhoneNumber) -> Result<Endpoint, Error> {
        let address = Address::Phone(number);
        let load = self.load_of(&owner, &[Kind::Endpoint, Kind::Subject]);
        let (endpoint, registered, sent) = self
            .transact(Some(&load), |loaded, now| {
                let siblings = self.siblings(loaded, &owner, now)?;
                let (endpoint, read) = match self.find_same(&siblings, &address, loaded) {
                    Some((same, _)) if same.is_confirmed() => return Ok(Decision::Done((same, false, false))),
                    Some((same, version)) => (same, Some(version)),
                    None => (self.new_endpoint(&owner, &address, &siblings, now)?, None),
                };
                let (endpoint, writes) = self.send_code(endpoint, read, loaded, now)?;
                Ok(Decision::Commit(writes, (endpoint, read.is_none(), true)))
            })
            .await?;
        if registered {
            self.observe(&Observation::EndpointRegistered(&endpoint));
        }
        if sent {
            self.observe(&Observation::EndpointCodeSent(&endpoint));
        }
        Ok(endpoint)
    }

    /// Sends another code to a phone number that waits to be confirmed. The earlier one is refused from then on; wrong
    /// ones stay counted.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id; [`Error::Invalid`] when it does not wait for a code, or too
    /// much was sent to the user of late; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn resend_confirmation(&self, owner: &Owner, id: EndpointId) -> Result<Endpoint, Error> {
        let endpoint = self
            .transact(Some(&load(id)), |loaded, now| {
                let (endpoint, version) = find(loaded, owner, id)?;
                let (endpoint, writes) = self.send_code(endpoint, Some(version), loaded, now)?;
                Ok(Decision::Commit(writes, endpoint))
            })
            .await?;
        self.observe(&Observation::EndpointCodeSent(&endpoint));
        Ok(endpoint)
    }

    /// Confirms a phone number with the code that was sent to it. Wrong codes are counted, per number and per user.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id; [`Error::Invalid`] when the code is not accepted, whatever
    /// the reason; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn confirm_endpoint(&self, owner: &Owner, id: EndpointId, code: &Secret) -> Result<Endpoint, Error> {
        let load = load(id);
        let verdict = self
            .transact(Some(&load), |loaded, now| self.try_code(owner, id, code.expose(), loaded, now))
            .await
            .inspect_err(|error| self.observe(&Observation::EndpointAnswerUndecided(id, error)))?;
        match verdict {
            Verdict::Confirmed(endpoint) => {
                self.observe(&Observation::EndpointConfirmed(&endpoint));
                Ok(endpoint)
            }
            Verdict::Wrong(endpoint, lock) => {
                self.observe(&Observation::EndpointAnswerWrong(&endpoint));
                self.observe_lock(owner, lock.map(|lock| (Factor::Phone, lock)));
                Err(Invalid::ConfirmationCode.into())
            }
            Verdict::Refused(reason) => {
                self.observe(&Observation::EndpointAnswerRefused(id, reason));
                Err(Invalid::ConfirmationCode.into())
            }
        }
    }

    /// Gives an endpoint a new code, and queues the message with it.
    fn send_code(
        &self,
        endpoint: Endpoint,
        read: Option<Version>,
        loaded: &Loaded,
        now: Now,
    ) -> Result<(Endpoint, Vec<Write>), Error> {
        if read.is_some() && !endpoint.awaits_code(&self.inner.policy, now.latest) {
            return Err(Invalid::NoConfirmationExpected.into());
        }
        let (mut subject, subject_read) = subject_or_new(self.subject(loaded, endpoint.owner())?, endpoint.owner());
        self.count_send(&mut subject, now).map_err(|wait| self.refuse_send(endpoint.owner(), wait))?;
        let code = zeroize::Zeroizing::new(entropy::characters(self.entropy(), b"0123456789", 6)?);
        let until = now.latest.after(self.inner.policy.confirmation);
        let mac = self.inner.ring.mac(endpoint.place().field("code"), &code);
        let endpoint = endpoint.with_code(mac, until);
        let expires = Some(until.after(self.inner.policy.retention));
        let message = self.enqueue_for(endpoint.owner(), None, (until, expires), now, |id, owner| {
            let code = self.inner.ring.seal(self.entropy(), outbox::place(id, owner), code.as_bytes())?;
            Ok(TaskBody::Confirm { endpoint: endpoint.id(), code })
        })?;
        let writes = vec![self.put_endpoint(&endpoint, read)?, self.put_subject(&subject, subject_read, now)?, message];
        Ok((endpoint, writes))
    }

    fn try_code(
        &self,
        owner: &Owner,
        id: EndpointId,
        code: &str,
        loaded: &Loaded,
        now: Now,
    ) -> Result<Decision<Verdict>, Error> {
        let policy = &self.inner.policy;
        let (endpoint, version) = find(loaded, owner, id)?;
        let mac = match endpoint.takes_code(policy, now.latest) {
            Ok(mac) => mac,
            Err(reason) => return Ok(Decision::Done(Verdict::Refused(reason))),
        };
        let place = endpoint.place();
        if let Some(last) = endpoint.last_wrong()
            && self.inner.ring.verify(place.field("wrong"), last, code)?
        {
            return Ok(Decision::Done(Verdict::Refused(Refused::Repeated)));
        }
        let (mut subject, read) = subject_or_new(self.subject(loaded, owner)?, owner);
        if let Err(reason) = subject.admit(Factor::Phone, policy, now.clock) {
            return Ok(Decision::Done(Verdict::Refused(reason)));
        }
        let verdict = if self.inner.ring.verify(place.field("code"), mac, code)? {
            subject.clear(Factor::Phone);
            subject.clear_sends();
            Verdict::Confirmed(endpoint.confirmed())
        } else {
            let lock = subject.count_failure(Factor::Phone, policy, now.clock);
            let fingerprint = self.inner.ring.mac(place.field("wrong"), code);
            Verdict::Wrong(endpoint.clone().with_wrong_code(fingerprint), lock)
        };
        let (Verdict::Confirmed(next) | Verdict::Wrong(next, _)) = &verdict else { return Ok(Decision::Done(verdict)) };
        let writes = vec![self.put_endpoint(next, Some(version))?, self.put_subject(&subject, read, now)?];
        Ok(Decision::Commit(writes, verdict))
    }
}
