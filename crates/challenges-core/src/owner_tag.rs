//! The keyed hash of an owner that ids carry.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::id::{Id, OwnerTag};
use crate::keyring::keyed;
use crate::owner::Owner;
use crate::time::Timestamp;

/// Hashes owners with the salt of a store.
pub(crate) struct OwnerTagger(Hmac<Sha256>);

impl OwnerTagger {
    pub(crate) fn new(salt: &[u8; 32]) -> Self {
        Self(keyed(salt))
    }

    pub(crate) fn tag(&self, owner: &Owner) -> OwnerTag {
        self.subject_id(owner).owner()
    }

    /// The id of the one record that an owner has of a kind: the tag and 128 more bits of the same hash.
    pub(crate) fn subject_id(&self, owner: &Owner) -> Id {
        let mut mac = self.0.clone();
        owner.write_to(|bytes| mac.update(bytes));
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        let (tag, rest) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let random = rest.first_chunk().unwrap_or(&[0; 16]);
        Id::new(Timestamp::default(), OwnerTag::new(u64::from_be_bytes(*tag)), u128::from_be_bytes(*random))
    }
}

impl fmt::Debug for OwnerTagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerTagger([redacted])")
    }
}
