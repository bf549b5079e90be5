use std::time::Duration;

use super::mask::mask;
use crate::challenge_type::ChallengeType;
use crate::devices::{self, TrustedDevice};
use crate::endpoints::{self, Endpoint};
use crate::engine::{Engine, Entity, Now};
use crate::error::Error;
use crate::factor::Factor;
use crate::id::EndpointId;
use crate::owner::Owner;
use crate::recovery::RecoverySet;
use crate::store::{Kind, Load, Loaded};
use crate::stored_factor::StoredFactor;
use crate::throttle::Counters;
use crate::time::Timestamp;
use crate::totp::TotpEnrollment;
use crate::webauthn::WebauthnEnrollment;

/// The factors, addresses, recovery codes, trusted devices and locks of a user, as of the time of the call. See
/// [`Account::status`](super::Account::status).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccountStatus {
    /// The TOTP enrollments, completed and pending.
    pub totp: Vec<TotpEnrollment>,
    /// The WebAuthn enrollments, completed and pending.
    pub webauthn: Vec<WebauthnEnrollment>,
    /// The phone numbers, e-mail addresses and push subscriptions, including unconfirmed and disabled ones.
    pub endpoints: Vec<Endpoint>,
    /// The number of recovery codes that can answer.
    pub recovery_codes: usize,
    /// The number of unused recovery codes under a retired or removed key. These codes answer nothing: ask the user to
    /// generate new ones.
    pub void_recovery_codes: usize,
    devices: Vec<TrustedDevice>,
    masked: Vec<(EndpointId, String)>,
    locks: Vec<(Factor, Timestamp)>,
    pub(super) lost: Option<ChallengeType>,
}

/// Returns the request for the records of a status.
pub(super) fn load(engine: &Engine, owner: &Owner) -> Load {
    engine.load_owned(owner, &[Kind::Counters, Kind::TrustedDevice]).with_owned(&StoredFactor::kinds())
}

impl AccountStatus {
    pub(super) fn read(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Self, Error> {
        let counters = Counters::read(engine, loaded, owner)?;
        let mut status = Self {
            totp: Vec::new(),
            webauthn: Vec::new(),
            endpoints: Vec::new(),
            recovery_codes: 0,
            void_recovery_codes: 0,
            devices: devices::trusted(engine, loaded, owner, &counters, now)?,
            masked: Vec::new(),
            locks: counters.locks(&engine.policy, now.clock),
            lost: counters.lost_factor(),
        };
        for factor in StoredFactor::all() {
            match factor {
                StoredFactor::Totp => status.totp = values(engine, loaded, owner, now)?,
                StoredFactor::Webauthn => status.webauthn = values(engine, loaded, owner, now)?,
                StoredFactor::Endpoint => status.endpoints = values(engine, loaded, owner, now)?,
                StoredFactor::RecoveryCodes => {
                    for set in values::<RecoverySet>(engine, loaded, owner, now)? {
                        let unused = set.unused(&engine.keys)?;
                        status.recovery_codes = status.recovery_codes.saturating_add(unused.usable);
                        status.void_recovery_codes = status.void_recovery_codes.saturating_add(unused.void);
                    }
                }
            }
        }
        // An address under a missing key is left out, so that the rest can be seen.
        let masked = |endpoint: &Endpoint| Some((endpoint.id(), mask(&endpoints::address(engine, endpoint).ok()?)));
        status.masked = status.endpoints.iter().filter_map(masked).collect();
        Ok(status)
    }

    /// Returns the masked address of an endpoint, or `None` when the keys in the ring do not open the address.
    ///
    /// | address | shown | example |
    /// |---|---|---|
    /// | phone number | the last two digits | `+***********78` |
    /// | e-mail address | the first letter and the domain | `a***@example.org` |
    /// | push subscription | the host of the push service | `push.example` |
    #[must_use]
    pub fn address(&self, endpoint: EndpointId) -> Option<&str> {
        self.masked.iter().find(|(id, _)| *id == endpoint).map(|(_, masked)| masked.as_str())
    }

    /// Returns the trusted devices, in order of creation.
    #[must_use]
    pub fn devices(&self) -> &[TrustedDevice] {
        &self.devices
    }

    /// Returns when the lock of a factor ends; until then, answers are refused after too many failures.
    ///
    /// Returns [`Timestamp::MAX`] when the factor is disabled until [`Account::unlock`](super::Account::unlock), and
    /// `None` when the factor is not locked.
    #[must_use]
    pub fn locked_until(&self, factor: Factor) -> Option<Timestamp> {
        self.locks.iter().find(|(locked, _)| *locked == factor).map(|(_, until)| *until)
    }

    /// Iterates over the locked factors, each with the time of [`locked_until`](Self::locked_until).
    pub fn locks(&self) -> impl Iterator<Item = (Factor, Timestamp)> {
        self.locks.iter().copied()
    }

    /// Returns whether the user has completed a factor: an enrollment, a confirmed phone number, or a push
    /// subscription. Recovery codes and e-mail addresses do not count.
    ///
    /// An address still counts after a deletion that the user did not ask for: the address is gone, another user
    /// registered the subscription, or the browser signed out.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        let is_completed = |factor| match factor {
            StoredFactor::Totp => self.totp.iter().any(TotpEnrollment::is_completed),
            StoredFactor::Webauthn => self.webauthn.iter().any(WebauthnEnrollment::is_completed),
            StoredFactor::Endpoint => self.endpoints.iter().any(Endpoint::is_factor),
            StoredFactor::RecoveryCodes => false,
        };
        StoredFactor::all().any(is_completed) || self.lost.is_some()
    }

    /// Returns the time left to enroll a factor, for hosts that require one: the rest of `grace` after `since`. Pass
    /// for example the creation of the account, or the start of the rule, as `since`. Zero means that the user has to
    /// enroll now.
    ///
    /// Returns `None` for a user with a factor ([`has_factor`](Self::has_factor)).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # use challenges_core::{Challenges, KeyRing, Owner};
    /// # use challenges_memory::MemoryStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    /// let (alice, signed_up) = (Owner::user("alice")?, challenges.now());
    /// let account = challenges.account(&alice).status().await?;
    /// let fortnight = Duration::from_secs(14 * 86_400);
    ///
    /// assert_eq!(account.enrollment_due(signed_up, fortnight, signed_up), Some(fortnight));
    /// assert_eq!(account.enrollment_due(signed_up, fortnight, signed_up.after(fortnight)), Some(Duration::ZERO));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn enrollment_due(&self, since: Timestamp, grace: Duration, now: Timestamp) -> Option<Duration> {
        (!self.has_factor()).then(|| now.max(since).until(since.after(grace)))
    }

    /// Returns whether nothing is left of the factors, addresses, codes and devices.
    pub(super) fn is_empty(&self) -> bool {
        let is_gone = |factor| match factor {
            StoredFactor::Totp => self.totp.is_empty(),
            StoredFactor::Webauthn => self.webauthn.is_empty(),
            StoredFactor::Endpoint => self.endpoints.is_empty(),
            StoredFactor::RecoveryCodes => self.recovery_codes == 0 && self.void_recovery_codes == 0,
        };
        StoredFactor::all().all(is_gone) && self.devices.is_empty()
    }
}

fn values<E: Entity>(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Vec<E>, Error> {
    Ok(engine.owned(loaded, owner, now)?.into_iter().map(|found| found.value).collect())
}
