use super::calls::Endpoints;
use super::code::{Verdict, check_code, send_code};
use super::endpoint::Endpoint;
use super::registration::{find_same, new_endpoint};
use crate::addresses::{Address, EmailAddress, PhoneNumber};
use crate::engine::{self, Change};
use crate::error::{Error, Invalid};
use crate::factor::Factor;
use crate::grant::Grant;
use crate::id::EndpointId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::recovery;
use crate::secret::Secret;
use crate::store::Kind;
use crate::throttle;

impl Endpoints<'_> {
    /// Registers a phone number entered by a user, and queues a code of six digits to the number.
    ///
    /// The number receives no challenges until the code [confirms](Self::confirm) the number. A confirmed number is
    /// left unchanged. An unconfirmed number receives another code. A dispatcher sends the code; see
    /// [`Outbox::dispatch`](crate::outbox::Outbox::dispatch).
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Invalid`] when the user has reached the cap of the policy or a limit of messages.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.register_phone", level = "debug", skip_all))]
    pub async fn register_phone(self, owner: Owner, grant: &Grant, number: PhoneNumber) -> Result<Endpoint, Error> {
        self.register_with_code(owner, grant, Address::Phone(number)).await
    }

    /// Registers an e-mail address entered by a user, and queues a code of six digits to the address, as
    /// [`register_phone`](Self::register_phone) does for a number. Addresses that differ only in case are the same.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Invalid`] when the user has reached the cap of the policy or a limit of messages.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.register_email", level = "debug", skip_all))]
    pub async fn register_email(self, owner: Owner, grant: &Grant, address: EmailAddress) -> Result<Endpoint, Error> {
        self.register_with_code(owner, grant, Address::Email(address)).await
    }

    async fn register_with_code(self, owner: Owner, grant: &Grant, address: Address) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let load = engine.load_owned(&owner, &Grant::kinds());
        let (endpoint, registered, sent) = engine
            .transact(Some(&load), |loaded, now| {
                grant.admit(engine, loaded, &owner, None, now)?;
                let known = engine.owned::<Endpoint>(loaded, &owner, now)?;
                let (endpoint, read) = match find_same(engine, &known, &address) {
                    Some(same) if same.value.is_confirmed() => return Ok(Change::none((same.value, false, false))),
                    // Codes from before this call may be known to whoever registered the address first.
                    Some(same) => (same.value.begun(now.clock), Some(same.version)),
                    None => (new_endpoint(engine, &owner, &address, &known, now)?, None),
                };
                let (endpoint, writes) = send_code(engine, endpoint, read, loaded, now)?;
                Ok(Change::new(writes, (endpoint, read.is_none(), true)))
            })
            .await?;
        let (id, owner, channel) = (endpoint.id(), &owner, endpoint.channel());
        if sent {
            grant.observe(engine, owner);
        }
        if registered {
            engine.observe(&Observation::EndpointRegistered { endpoint: id, owner, channel });
        }
        if sent {
            engine.observe(&Observation::EndpointCodeSent { endpoint: id, owner, channel });
        }
        Ok(endpoint)
    }

    /// Queues another code to an unconfirmed phone number or e-mail address. The earlier code is refused from then on.
    /// Wrong codes stay counted.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such endpoint.
    /// - [`Error::Invalid`] when the endpoint expects no code, or the user has reached a limit of messages.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.resend_code", level = "debug", skip_all))]
    pub async fn resend_code(self, owner: &Owner, id: EndpointId) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let load = engine::load::<Endpoint>(id.0).with_owned(&[Kind::Counters]);
        let endpoint = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<Endpoint>(loaded, owner, id.0)?;
                let (endpoint, writes) = send_code(engine, found.value, Some(found.version), loaded, now)?;
                Ok(Change::new(writes, endpoint))
            })
            .await?;
        engine.observe(&Observation::EndpointCodeSent { endpoint: id, owner, channel: endpoint.channel() });
        Ok(endpoint)
    }

    /// Confirms a phone number or e-mail address with the code sent there. Wrong codes are counted per endpoint and per
    /// user.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such endpoint.
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Invalid`] when the code is not accepted. The error is the same for every reason.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "endpoints.confirm", level = "debug", skip_all))]
    pub async fn confirm(self, owner: &Owner, grant: &Grant, id: EndpointId, code: &Secret) -> Result<Endpoint, Error> {
        let engine = self.engine;
        let load = engine::load::<Endpoint>(id.0).with_owned(&Grant::kinds());
        let verdict = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<Endpoint>(loaded, owner, id.0)?;
                let writes =
                    grant.admit_completing(engine, loaded, owner, found.value.channel(), found.value.created(), now)?;
                check_code(engine, found, code.expose(), loaded, writes, now)
            })
            .await
            .inspect_err(|error| {
                engine.observe(&Observation::EndpointAnswerUndecided { endpoint: id, owner, error });
            })?;
        match verdict {
            Verdict::Confirmed { endpoint, ends_codes } => {
                grant.observe(engine, owner);
                recovery::observe_ended(engine, owner, ends_codes);
                engine.observe(&Observation::EndpointConfirmed { endpoint: id, owner, channel: endpoint.channel() });
                Ok(endpoint)
            }
            Verdict::Wrong(endpoint, lock) => {
                let channel = endpoint.channel();
                engine.observe(&Observation::EndpointAnswerWrong { endpoint: id, owner, channel });
                throttle::observe_lock(engine, owner, Factor::Confirmation, lock);
                Err(Invalid::ConfirmationCode.into())
            }
            Verdict::Refused(reason) => {
                engine.observe(&Observation::EndpointAnswerRefused { endpoint: id, owner, reason });
                Err(Invalid::ConfirmationCode.into())
            }
        }
    }
}
