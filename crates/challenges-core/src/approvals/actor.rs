use serde::{Deserialize, Serialize};

use crate::owner::Owner;

/// A user of an organization who may decide a one-time-use action.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "the two names of the API, complete by contract")]
pub struct Actor {
    /// The user.
    pub user_id: String,
    /// The organization that the user acts for.
    pub org_id: String,
}

impl From<&Owner> for Actor {
    /// Returns the user as an actor of the tenant.
    fn from(owner: &Owner) -> Self {
        Self { user_id: owner.user_id().to_owned(), org_id: owner.tenant().to_owned() }
    }
}
