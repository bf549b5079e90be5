use serde::{Deserialize, Serialize};

use crate::codec::Form;
use crate::error::Invalid;
use crate::id::{Id, OwnerTag};
use crate::keyring::{Place, Sealed};
use crate::owner::Owner;
use crate::store::{Key, Kind};
use crate::time::Timestamp;

/// The key of the salt, the only record of the kind.
pub(crate) const SALT_KEY: Key = Key::new(Kind::Salt, Id::new(Timestamp::from_millis(0), OwnerTag::new(0), 0));

/// The salt of owner tags, stored at the first start.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredSalt {
    v: Form,
    pub(crate) salt: Sealed,
}

impl StoredSalt {
    pub(crate) const fn new(salt: Sealed) -> Self {
        Self { v: Form, salt }
    }
}

/// Returns the owner of the salt, not a user of the host. The name is part of every seal and must not change.
pub(crate) fn salt_owner() -> Result<Owner, Invalid> {
    Owner::user("root")
}

/// Returns the place of the salt.
pub(crate) const fn salt_place(owner: &Owner) -> Place<'_> {
    Place { kind: SALT_KEY.kind, id: SALT_KEY.id, owner, field: "salt" }
}
