//! The keyed hash of an owner that ids carry.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::id::{Id, OwnerTag};
use crate::keyring::keyed;
use crate::owner::Owner;
use crate::time::Timestamp;
use crate::webauthn::{CredentialId, UserHandle};

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
        id_of(self.hash("", |write| owner.write_to(write)))
    }

    /// The id of the one record that says who holds a credential. Its tag is that of no owner: credentials are unique
    /// over all of them.
    pub(crate) fn reservation_id(&self, credential: &CredentialId) -> Id {
        id_of(self.hash("credential id", |write| write(credential.as_bytes())))
    }

    /// The id of the one record that counts what is sent to a destination, whosever it is.
    pub(crate) fn destination_id(&self, destination: &str) -> Id {
        id_of(self.hash("destination", |write| write(destination.as_bytes())))
    }

    /// The id of the one record that counts what is sent in all.
    pub(crate) fn total_id(&self) -> Id {
        id_of(self.hash("total of messages", |_| ()))
    }

    /// What stands for an owner in authenticators.
    pub(crate) fn user_handle(&self, owner: &Owner) -> UserHandle {
        self.hash("user handle", |write| owner.write_to(write)).into()
    }

    /// No purpose but the empty one begins like an owner does, with a length below 256 in eight bytes.
    fn hash(&self, purpose: &str, write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        write(&mut |bytes| mac.update(bytes));
        mac.finalize().into_bytes().into()
    }
}

fn id_of(hash: [u8; 32]) -> Id {
    let (tag, rest) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
    let random = rest.first_chunk().unwrap_or(&[0; 16]);
    Id::new(Timestamp::default(), OwnerTag::new(u64::from_be_bytes(*tag)), u128::from_be_bytes(*random))
}

impl fmt::Debug for OwnerTagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerTagger([redacted])")
    }
}
