use std::collections::BTreeSet;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::challenge::Challenge;
use crate::codec;
use crate::devices::TrustedDevice;
use crate::endpoints::Endpoint;
use crate::engine::{Engine, Entity, Now, StoredSalt, salt_owner, salt_place};
use crate::error::Error;
use crate::keyring::{Place, SealError, Sealed, SecretField, SecretFields, TagState, untrusted};
use crate::outbox;
use crate::recovery::RecoverySet;
use crate::store::{Kind, Record};
use crate::totp::TotpEnrollment;

/// The result of sealing the values of a record again and renewing the tag.
pub(super) enum Renewal {
    /// A dispatcher holds the outbox entry.
    Held,
    /// The salt is sealed again last, and another record still needs an inactive key.
    SaltWaits,
    /// The record was read.
    Read {
        /// The body to write, when a value was sealed again or the tag is under an inactive key.
        body: Option<Bytes>,
        /// The inactive keys of the MACs in the record.
        mac_keys: BTreeSet<String>,
    },
}

impl Renewal {
    /// Seals the values under inactive keys again. `left` is `true` if another record still needs an inactive key.
    pub(super) fn of(engine: &Engine, record: &Record, tag: TagState, left: bool, now: Now) -> Result<Self, Error> {
        let mut renewal = Self::of_values(engine, record, left)?;
        if let Self::Read { body: body @ None, .. } = &mut renewal {
            *body = match tag {
                TagState::Current => None,
                // The write makes a tag under the active key.
                TagState::Outdated => Some(record.body.clone()),
                TagState::Untrusted => return Err(SealError::ForgedRecord.into()),
            };
        }
        let is_changed = matches!(&renewal, Self::Read { body: Some(_), .. });
        Ok(if is_changed && is_held(record, now)? { Self::Held } else { renewal })
    }

    fn of_values(engine: &Engine, record: &Record, left: bool) -> Result<Self, Error> {
        if let Some(reason) = untrusted::reason(&record.body) {
            return Err(reason.into());
        }
        match record.key.kind {
            Kind::Salt => Self::of_salt(engine, record, left),
            Kind::Challenge => Self::of_body::<<Challenge as Entity>::Body>(engine, record),
            Kind::TotpEnrollment => Self::of_body::<<TotpEnrollment as Entity>::Body>(engine, record),
            Kind::Endpoint => Self::of_body::<<Endpoint as Entity>::Body>(engine, record),
            Kind::RecoveryCodes => Self::of_body::<<RecoverySet as Entity>::Body>(engine, record),
            Kind::TrustedDevice => Self::of_body::<<TrustedDevice as Entity>::Body>(engine, record),
            Kind::Outbox | Kind::DeadLetter => Self::of_body::<outbox::Body>(engine, record),
            Kind::Counters | Kind::WebauthnEnrollment | Kind::Reservation | Kind::ActionResult => Ok(Self::unchanged()),
        }
    }

    fn unchanged() -> Self {
        Self::Read { body: None, mac_keys: BTreeSet::new() }
    }

    fn of_body<B: SecretFields + Serialize + DeserializeOwned>(
        engine: &Engine,
        record: &Record,
    ) -> Result<Self, Error> {
        let mut body: B = codec::decode(&record.body)?;
        let (mut changed, mut mac_keys) = (false, BTreeSet::new());
        for field in body.secret_fields() {
            match field {
                SecretField::Sealed(place, sealed) => changed |= renew_sealed(engine, place, sealed)?,
                SecretField::Mac(mac) => mac_keys.extend(engine.keys.inactive_key(mac)?),
            }
        }
        let body = if changed { Some(codec::encode(&body)?) } else { None };
        Ok(Self::Read { body, mac_keys })
    }

    fn of_salt(engine: &Engine, record: &Record, left: bool) -> Result<Self, Error> {
        let mut stored: StoredSalt = codec::decode(&record.body)?;
        let owner = salt_owner()?;
        if !renew_sealed(engine, salt_place(&owner), &mut stored.salt)? {
            return Ok(Self::unchanged());
        }
        if left {
            return Ok(Self::SaltWaits);
        }
        Ok(Self::Read { body: Some(codec::encode(&stored)?), mac_keys: BTreeSet::new() })
    }
}

/// Returns whether the record is an outbox entry held by a dispatcher. A change would end the lease, and the entry
/// would be sent twice.
fn is_held(record: &Record, now: Now) -> Result<bool, Error> {
    let is_waiting = record.key.kind == Kind::Outbox && record.due.is_some_and(|due| now.clock < due);
    Ok(is_waiting && codec::decode::<outbox::Body>(&record.body)?.attempts > 0)
}

/// Seals a value again, unless under the active key. Returns whether the value changed.
fn renew_sealed(engine: &Engine, place: Place<'_>, sealed: &mut Sealed) -> Result<bool, Error> {
    if engine.keys.is_under_active_key(sealed)? {
        return Ok(false);
    }
    let plain = engine.keys.open(place, sealed)?;
    *sealed = engine.seal(place, &plain)?;
    Ok(true)
}
