use serde::{Deserialize, Serialize};

use crate::codec::Form;
use crate::error::Invalid;
use crate::id::{Id, OwnerTag};
use crate::keyring::{Place, Sealed};
use crate::owner::Owner;
use crate::store::{Key, Kind};
use crate::time::Timestamp;

/// The one record of that kind.
pub(super) const KEY: Key = Key::new(Kind::Root, Id::new(Timestamp::from_millis(0), OwnerTag::new(0), 0));

/// What the store keeps from its first start.
#[derive(Serialize, Deserialize)]
pub(super) struct Root {
    v: Form,
    pub(super) salt: Sealed,
}

impl Root {
    pub(super) const fn new(salt: Sealed) -> Self {
        Self { v: Form, salt }
    }
}

/// Whose the record is: nobody's, under a name of its own.
pub(super) fn owner() -> Result<Owner, Invalid> {
    Owner::user("root")
}

/// Where the salt belongs.
pub(super) const fn place(owner: &Owner) -> Place<'_> {
    Place { kind: KEY.kind, id: KEY.id, owner, field: "salt" }
}
