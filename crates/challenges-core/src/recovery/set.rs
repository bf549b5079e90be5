use serde::{Deserialize, Serialize};

use super::code::RecoveryCode;
use crate::codec::Form;
use crate::engine::Entity;
use crate::id::Id;
use crate::keyring::{KeyRing, Mac, Place, SealError, SecretField, SecretFields};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::Kind;
use crate::time::Timestamp;

/// The recovery codes of a user. A user has at most one set.
///
/// The hashes are bound to the owner and to the id of the set, so a code of an earlier set matches no hash.
#[derive(Clone, Debug)]
pub(crate) struct RecoverySet(Body);

/// The stored form of a [`RecoverySet`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    v: Form,
    id: Id,
    owner: Owner,
    created: Timestamp,
    updated: Timestamp,
    /// The keyed hashes of the unused codes.
    codes: Vec<Mac>,
}

/// The number of unused codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unused {
    /// The codes that can answer.
    pub(crate) usable: usize,
    /// The codes under a retired or removed key, which answer nothing.
    pub(crate) void: usize,
}

impl RecoverySet {
    /// Creates a set of codes.
    pub(super) fn new(id: Id, owner: Owner, now: Timestamp, codes: &[RecoveryCode], keys: &KeyRing) -> Self {
        let place = place(id, &owner);
        let codes = codes.iter().map(|code| keys.mac(place, code.as_str())).collect();
        Self(Body { v: Form, id, owner, created: now, updated: now, codes })
    }

    /// Returns when the codes were generated.
    pub(crate) const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// Returns the set without `code`, or `None` if no code matches. All hashes are compared even after a match, so
    /// that the time does not tell which matched.
    ///
    /// # Errors
    ///
    /// [`SealError::Forged`] when a hash is malformed.
    pub(super) fn spend(&self, code: &RecoveryCode, keys: &KeyRing, now: Timestamp) -> Result<Option<Self>, SealError> {
        let place = place(self.0.id, &self.0.owner);
        let mut rest = Vec::with_capacity(self.0.codes.len());
        for mac in &self.0.codes {
            if !(keys.proves(mac)? && keys.verify(place, mac, code.as_str())?) {
                rest.push(mac.clone());
            }
        }
        if rest.len() == self.0.codes.len() {
            return Ok(None);
        }
        let mut next = self.clone();
        next.0.codes = rest;
        next.0.updated = now.max(self.0.updated);
        Ok(Some(next))
    }

    /// Returns the number of unused codes.
    ///
    /// # Errors
    ///
    /// [`SealError::Forged`] when a hash is malformed.
    pub(crate) fn unused(&self, keys: &KeyRing) -> Result<Unused, SealError> {
        let mut unused = Unused { usable: 0, void: 0 };
        for mac in &self.0.codes {
            let count = if keys.proves(mac)? { &mut unused.usable } else { &mut unused.void };
            *count = count.saturating_add(1);
        }
        Ok(unused)
    }
}

impl Entity for RecoverySet {
    const KIND: Kind = Kind::RecoveryCodes;
    type Body = Body;

    fn from_body(body: Body) -> Self {
        Self(body)
    }

    fn body(&self) -> &Body {
        &self.0
    }

    fn record_id(&self) -> Id {
        self.0.id
    }

    fn record_owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Codes never expire.
    fn garbage_at(&self, _: &Policy) -> Option<Timestamp> {
        None
    }

    fn is_alive(&self, _: &Policy, _: Timestamp) -> bool {
        true
    }
}

impl SecretFields for Body {
    fn secret_fields(&mut self) -> Vec<SecretField<'_>> {
        // Destructured, so that a new field cannot be forgotten here.
        let Self { v: _, id: _, owner: _, created: _, updated: _, codes } = self;
        codes.iter().map(SecretField::Mac).collect()
    }
}

const fn place(id: Id, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::RecoveryCodes, id, owner, field: "code" }
}

#[cfg(test)]
mod tests;
