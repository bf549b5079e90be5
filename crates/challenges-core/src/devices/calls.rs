use super::device::TrustedDevice;
use super::token::Token;
use crate::challenge::Passed;
use crate::challenge_type::ChallengeType;
use crate::description::Description;
use crate::engine::{self, Change, Engine, Now, Versioned};
use crate::entropy;
use crate::error::{Error, Invalid};
use crate::grant::Grant;
use crate::id::DeviceId;
use crate::notices;
use crate::observer::Observation;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::{Kind, Loaded, Write};
use crate::throttle::Counters;

/// The trusted devices of a service; see [`Challenges::devices`](crate::Challenges::devices).
///
/// # Examples
///
/// ```
/// use challenges_core::{Answer, Challenges, KeyRing, Owner, Policy, Purpose, Secret};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use challenges_core::{ChallengeSpec, ChallengeType, Description};
/// let login = Purpose::new("login")?;
/// let mut policy = Policy::default();
/// policy.trusted_purposes = vec![login.clone()];
/// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).policy(policy).build().await?;
/// let alice = Owner::user("alice")?;
/// # let spec = ChallengeSpec::new(ChallengeType::Code)?.with_purpose(login.clone());
/// # let created = challenges.create(alice.clone(), spec).await?;
/// # let code = created.code.ok_or("a code challenge has a code")?;
/// # let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
///
/// // The user passes a challenge for `login`, and ticks "remember this browser".
/// let passed = challenges.answer(answer).await?.passed().ok_or("declined")?;
/// let (device, secret) = challenges.devices().trust(&passed, Description::new("Firefox on Linux")?).await?;
/// // Set-Cookie: __Host-device=SECRET; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax
///
/// // The next sign-in, after the password. Replace the cookie each time.
/// let cookie = Secret::from(secret.expose());
/// let (same, next) = challenges.devices().check(&alice, &cookie, &login).await?.ok_or("ask for a factor")?;
/// assert_eq!(same.id(), device.id());
/// assert_ne!(next.expose(), cookie.expose());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Devices<'a> {
    pub(super) engine: &'a Engine,
}

impl<'a> Devices<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// Trusts the browser in which a user passed a challenge. Returns the device and the secret for the cookie.
    ///
    /// The purpose of the challenge must be one of [`Policy::trusted_purposes`](crate::Policy::trusted_purposes). The
    /// device is good for all of these purposes, for [`Policy::trusted_device_age`](crate::Policy::trusted_device_age)
    /// from the answer on. A user has at most [`TrustedDevice::MAX`] devices, and one more replaces the oldest. Call
    /// this in the request that brings the answer: a device trusted after a change of factors survives that change.
    ///
    /// The secret has at most 160 characters of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`. Hand the secret to the browser
    /// that answered, in a cookie with `Secure`, `HttpOnly` and the `__Host-` prefix, and to nobody else.
    ///
    /// # Errors
    ///
    /// - [`Invalid::NotTrusted`] when the challenge has another purpose or none, was answered with a recovery code or
    ///   by e-mail, or is a one-time-use action.
    /// - [`Error::Contended`] when concurrent changes won every try.
    /// - [`Error::Store`] when the store fails.
    /// - [`Error::Entropy`] when the random number generator fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "devices.trust", level = "debug", skip_all))]
    pub async fn trust(self, passed: &Passed, label: Description) -> Result<(TrustedDevice, Secret), Error> {
        let engine = self.engine;
        let challenge = passed.challenge();
        let is_named = challenge.purpose().is_some_and(|purpose| engine.policy.trusted_purposes.contains(purpose));
        let (true, true, Some(trusted)) = (is_named, passed.kind().is_some_and(may_trust), challenge.answered_at())
        else {
            return Err(Invalid::NotTrusted.into());
        };
        let owner = passed.owner();
        let load = engine.load_owned(owner, &[Kind::TrustedDevice, Kind::Counters, Kind::Endpoint]);
        let (device, secret, replaced) = engine
            .transact(Some(&load), |loaded, now| {
                let mut counters = Counters::read(engine, loaded, owner)?;
                let Known { trusted: mut replaced, ended } = Known::read(engine, loaded, owner, &counters, now)?;
                replaced.sort_by_key(|found| (found.value.trusted_at(), found.value.id()));
                replaced.truncate((replaced.len() + 1).saturating_sub(TrustedDevice::MAX));
                let id = DeviceId(engine.new_id(owner, now)?);
                let (series, secret) = (entropy::secret(engine.entropy())?, entropy::secret(engine.entropy())?);
                let token = Token { id, series: &series, secret: &secret };
                let until = trusted.after(engine.policy.trusted_device_age);
                let epoch = counters.trust_device(id.0, until);
                let (keys, owner, label) = (&engine.keys, owner.clone(), label.clone());
                let device = TrustedDevice::new(&token, owner, label, trusted..until, epoch, keys);
                let mut writes = vec![engine.put(&device, None)?];
                writes.extend(notices::queue(engine, loaded, &mut counters, Notice::DeviceTrusted, now)?);
                writes.push(counters.write(engine, now)?);
                writes.extend(replaced.iter().map(Versioned::delete));
                writes.extend(ended);
                Ok(Change::new(writes, (device, token.text(), replaced)))
            })
            .await?;
        self.observe_revoked(&replaced);
        engine.observe(&Observation::TrustedDeviceAdded { device: device.id(), owner });
        Ok((device, secret))
    }

    /// Lists the trusted devices of a user in order of creation: at most [`TrustedDevice::MAX`].
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "devices.list", level = "debug", skip_all))]
    pub async fn list(self, owner: &Owner) -> Result<Vec<TrustedDevice>, Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &[Kind::TrustedDevice, Kind::Counters]);
        let loaded = engine.store.load(&load).await?;
        trusted(engine, &loaded, owner, &Counters::read(engine, &loaded, owner)?, engine.now())
    }

    /// Ends the trust in a device of a user.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::NotFound`] when the user has no such device.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "devices.revoke", level = "debug", skip_all))]
    pub async fn revoke(self, owner: &Owner, grant: &Grant, id: DeviceId) -> Result<(), Error> {
        let engine = self.engine;
        let load = engine::load::<TrustedDevice>(id.0).with_owned(&Grant::kinds());
        let revoked = engine
            .transact(Some(&load), |loaded, now| {
                let found = engine::find_owned::<TrustedDevice>(loaded, owner, id.0)?;
                grant.admit(engine, loaded, owner, None, now)?;
                Ok(Change::new(vec![found.delete()], found))
            })
            .await?;
        grant.observe(engine, owner);
        self.observe_revoked(&[revoked]);
        Ok(())
    }

    /// Ends the trust in every device of a user.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "devices.revoke_all", level = "debug", skip_all))]
    pub async fn revoke_all(self, owner: &Owner, grant: &Grant) -> Result<(), Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &Grant::kinds()).with_owned(&[Kind::TrustedDevice]);
        let revoked = engine
            .transact(Some(&load), |loaded, now| {
                grant.admit(engine, loaded, owner, None, now)?;
                let counters = Counters::read(engine, loaded, owner)?;
                let Known { trusted, ended: mut writes } = Known::read(engine, loaded, owner, &counters, now)?;
                writes.extend(trusted.iter().map(Versioned::delete));
                Ok(Change::new(writes, trusted))
            })
            .await?;
        if !revoked.is_empty() {
            grant.observe(engine, owner);
        }
        self.observe_revoked(&revoked);
        Ok(())
    }

    fn observe_revoked(self, devices: &[Versioned<TrustedDevice>]) {
        for Versioned { value: device, .. } in devices {
            self.engine.observe(&Observation::TrustedDeviceRevoked { device: device.id(), owner: device.owner() });
        }
    }
}

/// The devices of a user.
struct Known {
    trusted: Vec<Versioned<TrustedDevice>>,
    /// The deletions of devices that ended.
    ended: Vec<Write>,
}

impl Known {
    fn read(engine: &Engine, loaded: &Loaded, owner: &Owner, counters: &Counters, now: Now) -> Result<Self, Error> {
        let mut ended = engine.delete_expired::<TrustedDevice>(loaded, owner, now)?;
        let mut trusted = engine.owned::<TrustedDevice>(loaded, owner, now)?;
        ended.extend(
            trusted
                .extract_if(.., |found| !found.value.is_of_epoch(counters.device_epoch()))
                .map(|found| found.delete()),
        );
        Ok(Self { trusted, ended })
    }
}

/// Returns the trusted devices of a user, in order of creation.
pub(crate) fn trusted(
    engine: &Engine,
    loaded: &Loaded,
    owner: &Owner,
    counters: &Counters,
    now: Now,
) -> Result<Vec<TrustedDevice>, Error> {
    let known = Known::read(engine, loaded, owner, counters, now)?;
    let mut devices: Vec<_> = known.trusted.into_iter().map(|found| found.value).collect();
    devices.sort_by_key(TrustedDevice::id);
    Ok(devices)
}

/// Returns whether an answer of the type makes a device trusted.
const fn may_trust(kind: ChallengeType) -> bool {
    match kind {
        ChallengeType::Totp
        | ChallengeType::Webauthn
        | ChallengeType::Sms
        | ChallengeType::WebPush
        | ChallengeType::Code => true,
        // A user with a recovery code has lost the factors and has to enroll again first. A trusted device replaces a
        // second factor, and e-mail is no second factor.
        ChallengeType::RecoveryCode | ChallengeType::Email => false,
    }
}
