use super::calls::Devices;
use super::device::{Compared, TrustedDevice};
use super::token::Token;
use crate::engine::{self, Change, Engine, Now, Versioned};
use crate::error::{Error, StepUpRefused};
use crate::notices;
use crate::observer::Observation;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::secret::Secret;
use crate::store::{Key, Kind, Loaded, Write};
use crate::throttle::Counters;

/// The verdict on a cookie.
enum Verdict {
    Trusted(TrustedDevice, Secret),
    Refused(StepUpRefused),
    Stolen(TrustedDevice),
}

impl Devices<'_> {
    /// Checks the secret of a device of a user. Returns the device and the secret for the next check, or `None` if the
    /// user has to pass a challenge.
    ///
    /// Take the user from the first factor, such as the password just verified, and never from the request. Replace the
    /// cookie with the returned secret in every response, including responses to requests that fail later.
    ///
    /// A device takes the place of the second factor only: it gives neither a [`Passed`](crate::Passed) nor a
    /// [`StepUp`](crate::StepUp), and cannot make another device trusted. Each check ends in exactly one of
    /// [`TrustedDeviceUsed`](Observation::TrustedDeviceUsed),
    /// [`TrustedDeviceRefused`](Observation::TrustedDeviceRefused) and
    /// [`TrustedDeviceStolen`](Observation::TrustedDeviceStolen), unless an error is returned.
    ///
    /// The call takes two round trips: a load and a commit. A refused secret and the previous secret take the load
    /// only, and a stolen device takes another load.
    ///
    /// # Errors
    ///
    /// No error lets a user through.
    ///
    /// - [`Error::Store`] when the store fails. The secret may have changed; repeat the call with the same secret
    ///   within [`TrustedDevice::GRACE`].
    /// - [`Error::Contended`] when concurrent changes won every try.
    /// - [`Error::Body`] when a stored record has an unknown format.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "devices.check", level = "debug", skip_all))]
    pub async fn check(
        self,
        owner: &Owner,
        secret: &Secret,
        purpose: &Purpose,
    ) -> Result<Option<(TrustedDevice, Secret)>, Error> {
        let engine = self.engine;
        let verdict = match verdict(engine, owner, secret, purpose).await {
            Err(Error::Seal(error)) => Verdict::Refused(StepUpRefused::of(&error)),
            verdict => verdict?,
        };
        match verdict {
            Verdict::Trusted(device, next) => {
                engine.observe(&Observation::TrustedDeviceUsed { device: device.id(), owner, purpose });
                Ok(Some((device, next)))
            }
            Verdict::Refused(reason) => {
                engine.observe(&Observation::TrustedDeviceRefused { owner, purpose, reason });
                Ok(None)
            }
            Verdict::Stolen(device) => {
                engine.observe(&Observation::TrustedDeviceStolen { device: device.id(), owner });
                Ok(None)
            }
        }
    }
}

async fn verdict(engine: &Engine, owner: &Owner, secret: &Secret, purpose: &Purpose) -> Result<Verdict, Error> {
    if !engine.policy.trusted_purposes.contains(purpose) {
        return Ok(Verdict::Refused(StepUpRefused::OtherPurpose));
    }
    let Some(token) = Token::read(secret.expose()) else { return Ok(Verdict::Refused(StepUpRefused::Forged)) };
    let load = engine::load::<TrustedDevice>(token.id.0).with_owned(&[Kind::Counters]);
    let verdict = engine.transact(Some(&load), |loaded, now| decide(engine, owner, &token, loaded, None, now)).await?;
    let Verdict::Stolen(_) = verdict else { return Ok(verdict) };
    // The notice goes to the addresses, which other checks need not load.
    let load = load.with_owned(&[Kind::Endpoint]);
    let notice = Some(Notice::DeviceStolen);
    engine.transact(Some(&load), |loaded, now| decide(engine, owner, &token, loaded, notice, now)).await
}

/// Decides on a cookie. With a `notice`, a theft ends the device and queues the notice. Without a `notice`, a theft
/// changes nothing: the caller loads the addresses of the user, and decides again.
fn decide(
    engine: &Engine,
    owner: &Owner,
    token: &Token<'_>,
    loaded: &Loaded,
    notice: Option<Notice>,
    now: Now,
) -> Result<Change<Verdict>, Error> {
    let refused = |reason| Ok(Change::none(Verdict::Refused(reason)));
    let Versioned { value: device, version } = match engine::find::<TrustedDevice>(loaded, token.id.0) {
        Err(Error::NotFound) => return refused(StepUpRefused::DeviceGone),
        found => found?,
    };
    if device.owner() != owner {
        return refused(StepUpRefused::OtherOwner);
    }
    let mut counters = Counters::read(engine, loaded, owner)?;
    if !device.is_of_epoch(counters.device_epoch()) {
        return refused(StepUpRefused::FactorsChanged);
    }
    if let Err(reason) = device.admit(&engine.policy, now.latest) {
        return refused(reason);
    }
    match device.compare(token, &engine.keys, now.latest)? {
        Compared::Current(rotated, next) => {
            // The factors may change at the same time, so the commit asserts the counters.
            let writes = vec![engine.put(&*rotated, Some(version))?, counters.unchanged()];
            Ok(Change::new(writes, Verdict::Trusted(*rotated, next)))
        }
        Compared::Previous(present) => Ok(Change::none(Verdict::Trusted(device, present))),
        Compared::Forged => refused(StepUpRefused::Forged),
        Compared::Replaced => {
            let Some(notice) = notice else { return Ok(Change::none(Verdict::Stolen(device))) };
            let mut writes = vec![Write::delete(Key::new(Kind::TrustedDevice, token.id.0), version)];
            writes.extend(notices::queue(engine, loaded, &mut counters, notice, now)?);
            writes.push(counters.write(engine, now)?);
            Ok(Change::new(writes, Verdict::Stolen(device)))
        }
    }
}
