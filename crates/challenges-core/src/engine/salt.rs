use serde::{Deserialize, Serialize};

use super::{Engine, OwnerTagger};
use crate::codec::{self, Form};
use crate::error::{Error, Invalid};
use crate::id::Id;
use crate::keyring::{Place, SealError, Sealed};
use crate::owner::Owner;
use crate::store::{Key, Kind, Load};
use crate::time::Timestamp;

/// The key of the salt, the only record of the kind.
pub(crate) const SALT_KEY: Key = Key::new(Kind::Salt, Id::new(Timestamp::from_millis(0), 0, 0));

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

impl Engine {
    /// Checks that the store still has the salt of this engine, and that the keys open the salt.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        let loaded = self.store.load(&Load::key(SALT_KEY)).await?;
        let stored = loaded.find(SALT_KEY).ok_or(Error::Forgetful)?;
        let sealed = codec::decode::<StoredSalt>(&stored.record.body)?.salt;
        let salt = self.keys.open(salt_place(&salt_owner()?), &sealed).map_err(Error::OtherKeys)?;
        let salt = salt.as_slice().try_into().map_err(|_| Error::OtherKeys(SealError::Forged))?;
        // Different salts give different ids to the store itself.
        let is_same = OwnerTagger::new(salt).store_id() == self.owner_tags.store_id();
        if is_same { Ok(()) } else { Err(Error::Forgetful) }
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
