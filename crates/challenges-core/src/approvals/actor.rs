//! The stored form of an actor: an [`Owner`] under the two names of the API.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::owner::Owner;

#[derive(Serialize, Deserialize)]
struct Names<'a> {
    user_id: Cow<'a, str>,
    org_id: Cow<'a, str>,
}

pub(crate) fn serialize<S: Serializer>(actor: &Owner, serializer: S) -> Result<S::Ok, S::Error> {
    Names { user_id: actor.user_id().into(), org_id: actor.tenant().into() }.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Owner, D::Error> {
    let Names { user_id, org_id } = Names::deserialize(deserializer)?;
    Owner::in_tenant(org_id, user_id).map_err(de::Error::custom)
}
