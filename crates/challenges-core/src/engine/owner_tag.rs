use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::ceremony::{CredentialId, UserHandle};
use crate::id::{Id, OwnerTag};
use crate::keyring::hmac_with_key;
use crate::owner::Owner;
use crate::time::Timestamp;

/// Computes keyed hashes with the salt of a store: the tag of an owner in every id, and the ids of records found by
/// name.
pub(crate) struct OwnerTagger(Hmac<Sha256>);

impl OwnerTagger {
    pub(crate) fn new(salt: &[u8; 32]) -> Self {
        Self(hmac_with_key(salt))
    }

    pub(crate) fn tag(&self, owner: &Owner) -> OwnerTag {
        self.counters_id(owner).owner()
    }

    /// Returns the id of the counters of an owner: the tag, and 128 more bits of the same hash. The id is computed, so
    /// the counters are found without a search.
    pub(crate) fn counters_id(&self, owner: &Owner) -> Id {
        id_from_hash(self.hash("", |write| owner.write_to(write)))
    }

    /// Returns the id of the reservation of a credential. The tag belongs to no owner, because credential ids are
    /// unique over all owners.
    pub(crate) fn reservation_id(&self, credential: &CredentialId) -> Id {
        id_from_hash(self.hash("credential id", |write| write(credential.as_bytes())))
    }

    /// Returns the id of the reservation of a push subscription, over all owners.
    pub(crate) fn subscription_id(&self, endpoint: &str) -> Id {
        id_from_hash(self.hash("push subscription", |write| write(endpoint.as_bytes())))
    }

    /// Returns the id of the message budget of a destination, over all owners.
    pub(crate) fn destination_id(&self, destination: &str) -> Id {
        id_from_hash(self.hash("destination", |write| write(destination.as_bytes())))
    }

    /// Returns the id of the budget of confirmation codes to a destination, over all owners.
    pub(crate) fn confirmations_id(&self, destination: &str) -> Id {
        id_from_hash(self.hash("new destination", |write| write(destination.as_bytes())))
    }

    /// Returns the id of the budget of notices to a destination, over all owners.
    pub(crate) fn notices_id(&self, destination: &str) -> Id {
        id_from_hash(self.hash("alerts to destination", |write| write(destination.as_bytes())))
    }

    /// Returns the id of the budget of alarms to a destination, over all owners.
    pub(crate) fn alarms_id(&self, destination: &str) -> Id {
        id_from_hash(self.hash("alarms to destination", |write| write(destination.as_bytes())))
    }

    /// Returns the id of the message budget of an owner. The tag differs from the owner's, so the writes of dispatchers
    /// do not conflict with other changes of the owner's records.
    pub(crate) fn messages_id(&self, owner: &Owner) -> Id {
        id_from_hash(self.hash("messages of owner", |write| owner.write_to(write)))
    }

    /// Returns the id of the budget of notices to an owner, apart from other messages.
    pub(crate) fn notices_of_id(&self, owner: &Owner) -> Id {
        id_from_hash(self.hash("warnings of owner", |write| owner.write_to(write)))
    }

    /// Returns the id of the budget of alarms to an owner.
    pub(crate) fn alarms_of_id(&self, owner: &Owner) -> Id {
        id_from_hash(self.hash("alarms of owner", |write| owner.write_to(write)))
    }

    /// Returns the id of the total message budget of a channel.
    pub(crate) fn total_id(&self, channel: &str) -> Id {
        id_from_hash(self.hash("total of messages", |write| write(channel.as_bytes())))
    }

    /// Returns an id of the store itself, under which no record stands.
    pub(crate) fn store_id(&self) -> Id {
        id_from_hash(self.hash("store", |_| ()))
    }

    /// Returns the user handle of an owner (Web Authentication Level 3, section 14.6.1).
    pub(crate) fn user_handle(&self, owner: &Owner) -> UserHandle {
        self.hash("user handle", |write| owner.write_to(write)).into()
    }

    /// Computes the keyed hash of a purpose and an input. Inputs of two purposes cannot collide without a separator:
    /// the purposes differ in the first letter, and an owner, hashed with the empty purpose, begins with a length below
    /// 256 in eight little-endian bytes, so with a zero as the second byte.
    fn hash(&self, purpose: &str, write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        write(&mut |bytes| mac.update(bytes));
        mac.finalize().into_bytes().into()
    }
}

fn id_from_hash(hash: [u8; 32]) -> Id {
    let (tag, rest) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
    let random = rest.first_chunk().unwrap_or(&[0; 16]);
    Id::new(Timestamp::default(), u64::from_be_bytes(*tag), u128::from_be_bytes(*random))
}

impl fmt::Debug for OwnerTagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerTagger([redacted])")
    }
}
