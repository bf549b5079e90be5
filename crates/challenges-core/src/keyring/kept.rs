use std::collections::BTreeSet;

use super::{KeyId, KeyRing, Mac, Place, SealError, Sealed};
use crate::entropy::Entropy;
use crate::error::Error;

/// What a stored body holds under keys of the ring.
pub(crate) trait Keeps {
    /// Each sealed value with where it belongs, and each hash.
    fn kept(&mut self) -> Vec<Kept<'_>>;
}

/// A value under a key.
pub(crate) enum Kept<'a> {
    /// It can be sealed anew.
    Sealed(Place<'a>, &'a mut Sealed),
    /// It stays as it is: what it is of is not known.
    Hashed(&'a Mac),
}

/// What was found in a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Renewal {
    /// Whether anything was sealed anew.
    pub(crate) changed: bool,
    /// The keys other than the active one that hashes are under.
    pub(crate) hashed_under: BTreeSet<KeyId>,
}

impl KeyRing {
    /// Seals anew, under the active key, what a body holds sealed under others.
    pub(crate) fn renew(&self, entropy: &dyn Entropy, body: &mut impl Keeps) -> Result<Renewal, Error> {
        let mut renewal = Renewal::default();
        for kept in body.kept() {
            match kept {
                Kept::Sealed(place, sealed) => renewal.changed |= self.renew_sealed(entropy, place, sealed)?,
                Kept::Hashed(mac) => renewal.hashed_under.extend(self.stale_key(mac)?),
            }
        }
        Ok(renewal)
    }

    /// Seals a value anew, under the active key, unless it is under that one already; whether it did.
    pub(crate) fn renew_sealed(
        &self,
        entropy: &dyn Entropy,
        place: Place<'_>,
        sealed: &mut Sealed,
    ) -> Result<bool, Error> {
        let (key, _) = self.key_of(sealed.as_text())?;
        if key.id == *self.active() {
            return Ok(false);
        }
        let plain = self.open(place, sealed)?;
        *sealed = self.seal(entropy, place, &plain)?;
        Ok(true)
    }

    /// The key that a hash is under, unless that is the active one. It need not be in the ring: then the hash is of no
    /// use, but it is none that a walk could do anything about.
    fn stale_key(&self, mac: &Mac) -> Result<Option<KeyId>, SealError> {
        match self.key_of(mac.as_text()) {
            Ok((key, _)) => Ok((key.id != *self.active()).then(|| key.id.clone())),
            Err(SealError::UnknownKey(id)) => Ok(Some(id)),
            Err(forged) => Err(forged),
        }
    }
}
