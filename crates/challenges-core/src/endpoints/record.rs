use serde::{Deserialize, Serialize};

use super::pending_code::PendingCode;
use crate::challenge_type::ChallengeType;
use crate::codec::{Form, is_false};
use crate::id::EndpointId;
use crate::keyring::{Place, Sealed, SecretField, SecretFields};
use crate::owner::Owner;
use crate::store::Kind;
use crate::time::Timestamp;

/// The stored form of an [`Endpoint`](super::Endpoint).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(super) v: Form,
    pub(super) id: EndpointId,
    pub(super) owner: Owner,
    pub(super) created: Timestamp,
    pub(super) channel: ChallengeType,
    pub(super) address: Sealed,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) disabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unconfirmed: Option<PendingCode>,
}

impl SecretFields for Body {
    fn secret_fields(&mut self) -> Vec<SecretField<'_>> {
        // Destructured, so that a new field cannot be forgotten here.
        let Self { v: _, id, owner, created: _, channel: _, address, disabled: _, unconfirmed } = self;
        let mut fields = vec![SecretField::Sealed(place(*id, owner), address)];
        fields.extend(unconfirmed.iter().flat_map(PendingCode::secret_fields));
        fields
    }
}

/// Returns the place of the sealed address of an endpoint.
pub(super) const fn place(id: EndpointId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Endpoint, id: id.0, owner, field: "address" }
}
