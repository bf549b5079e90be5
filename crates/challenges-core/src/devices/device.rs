use std::fmt;
use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::token::Token;
use crate::codec::Form;
use crate::description::Description;
use crate::engine::Entity;
use crate::error::StepUpRefused;
use crate::evidence::{Evidence, Method};
use crate::id::{DeviceId, Id};
use crate::keyring::{KeyRing, Mac, Place, SealError, SecretField, SecretFields};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::store::Kind;
use crate::time::{SKEW, Timestamp};

/// A trusted device of a user, such as a browser.
#[derive(Clone)]
pub struct TrustedDevice(Body);

/// The stored form of a [`TrustedDevice`].
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    v: Form,
    id: DeviceId,
    owner: Owner,
    label: Description,
    trusted: Timestamp,
    /// When the trust ends, by the policy at the time of trusting. A later, stricter policy ends the trust sooner.
    until: Timestamp,
    /// See [`Counters::device_epoch`](crate::throttle::Counters::device_epoch).
    epoch: Id,
    series: Mac,
    current: Mac,
    /// When the current secret was made.
    rotated: Timestamp,
    /// The secret before the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Mac>,
}

/// The result of comparing a cookie with a device.
pub(super) enum Compared {
    /// The current secret, with the device after the change of the secret, and the text of the new cookie.
    Current(Box<TrustedDevice>, Secret),
    /// The previous secret, within the grace, with the text of the present cookie.
    Previous(Secret),
    /// Another secret of the device: the cookie was copied.
    Replaced,
    /// No secret of the device.
    Forged,
}

impl TrustedDevice {
    /// The time for which the previous secret is still accepted.
    pub const GRACE: Duration = Duration::from_secs(30);

    /// The number of devices per user. At the cap, a new device replaces the oldest.
    pub const MAX: usize = 16;

    pub(super) fn new(
        token: &Token<'_>,
        owner: Owner,
        label: Description,
        Range { start: trusted, end: until }: Range<Timestamp>,
        epoch: Id,
        keys: &KeyRing,
    ) -> Self {
        let place = place(token.id, &owner);
        let series = keys.mac(place.field("series"), token.series);
        let current = keys.mac(place.field("secret"), token.secret);
        let id = token.id;
        Self(Body {
            v: Form,
            id,
            owner,
            label,
            trusted,
            until,
            epoch,
            series,
            current,
            rotated: trusted,
            previous: None,
        })
    }

    /// Returns the id, for [`Devices::revoke`](super::Devices::revoke). The id is not a secret.
    #[must_use]
    pub const fn id(&self) -> DeviceId {
        self.0.id
    }

    /// Returns the user.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Returns the label, such as `Firefox on Linux`. Escape the label for display.
    #[must_use]
    pub const fn label(&self) -> &Description {
        &self.0.label
    }

    /// Returns when the user passed the challenge for which the device is trusted.
    #[must_use]
    pub const fn trusted_at(&self) -> Timestamp {
        self.0.trusted
    }

    /// Returns when the trust ends at the latest.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.0.until
    }

    /// Returns the evidence of the device, in place of a factor. The time is the time of the challenge.
    #[must_use]
    pub const fn evidence(&self) -> Evidence {
        Evidence::new(Method::TrustedDevice { device: self.0.id.0 }, self.0.trusted)
    }

    /// Returns when the device was last used: when the current secret was made.
    #[must_use]
    pub const fn used_at(&self) -> Timestamp {
        self.0.rotated
    }

    /// Returns whether the factors are unchanged since the device was trusted.
    pub(super) fn is_of_epoch(&self, epoch: Option<Id>) -> bool {
        epoch == Some(self.0.epoch)
    }

    /// Checks the times.
    pub(super) fn admit(&self, policy: &Policy, now: Timestamp) -> Result<(), StepUpRefused> {
        // A clock that ran ahead wrote a time, so the age or the idle time is unknown.
        if self.0.trusted.max(self.0.rotated) > now.after(SKEW) {
            return Err(StepUpRefused::FromTheFuture);
        }
        let until = self.0.until.min(self.0.trusted.after(policy.trusted_device_age));
        let until = until.min(self.0.rotated.after(policy.trusted_device_idle));
        if now < until { Ok(()) } else { Err(StepUpRefused::TooOld) }
    }

    /// Compares a cookie with the secrets of the device.
    ///
    /// The next secret is derived from the presented secret. Concurrent requests with one secret therefore receive the
    /// same new secret, and so does a request after a lost reply, although the store has only the hash.
    ///
    /// # Errors
    ///
    /// [`SealError`] when the key of a hash is retired or not in the ring, or a hash is malformed.
    pub(super) fn compare(&self, token: &Token<'_>, keys: &KeyRing, now: Timestamp) -> Result<Compared, SealError> {
        let Body { id, owner, series, current, rotated, previous, .. } = &self.0;
        let place = place(*id, owner);
        let (of_series, of_secret) = (place.field("series"), place.field("secret"));
        if !keys.verify(of_series, series, token.series)? {
            return Ok(Compared::Forged);
        }
        let cookie = |secret: &Secret| Token { id: *id, series: token.series, secret: secret.expose() }.text();
        if keys.verify(of_secret, current, token.secret)? {
            let next = keys.successor(of_secret, current, token.secret)?;
            let mut device = self.clone();
            // Under the active key, so that a device in use survives the end of a key.
            device.0.series = keys.mac(of_series, token.series);
            device.0.current = keys.mac(of_secret, next.expose());
            device.0.previous = Some(current.clone());
            device.0.rotated = now.max(*rotated);
            return Ok(Compared::Current(Box::new(device), cookie(&next)));
        }
        if let Some(previous) = previous
            && rotated.until(now) <= Self::GRACE
            && keys.verify(of_secret, previous, token.secret)?
        {
            let next = keys.successor(of_secret, previous, token.secret)?;
            if keys.verify(of_secret, current, next.expose())? {
                return Ok(Compared::Previous(cookie(&next)));
            }
        }
        Ok(Compared::Replaced)
    }
}

impl Entity for TrustedDevice {
    const KIND: Kind = Kind::TrustedDevice;
    type Body = Body;

    fn from_body(body: Body) -> Self {
        Self(body)
    }

    fn body(&self) -> &Body {
        &self.0
    }

    fn record_id(&self) -> Id {
        self.0.id.0
    }

    fn record_owner(&self) -> &Owner {
        &self.0.owner
    }

    fn garbage_at(&self, _: &Policy) -> Option<Timestamp> {
        Some(self.0.until)
    }

    fn is_alive(&self, policy: &Policy, now: Timestamp) -> bool {
        self.admit(policy, now).is_ok()
    }
}

impl SecretFields for Body {
    fn secret_fields(&mut self) -> Vec<SecretField<'_>> {
        // Destructured, so that a new field cannot be forgotten here.
        let Self {
            v: _,
            id: _,
            owner: _,
            label: _,
            trusted: _,
            until: _,
            epoch: _,
            series,
            current,
            rotated: _,
            previous,
        } = self;
        [&*series, &*current].into_iter().chain(&*previous).map(SecretField::Mac).collect()
    }
}

impl fmt::Debug for TrustedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedDevice")
            .field("id", &self.0.id)
            .field("owner", &self.0.owner)
            .field("label", &self.0.label)
            .field("trusted_at", &self.0.trusted)
            .field("expires", &self.0.until)
            .finish_non_exhaustive()
    }
}

const fn place(id: DeviceId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::TrustedDevice, id: id.0, owner, field: "" }
}
