use serde::{Deserialize, Serialize};

use crate::keyring::{Mac, Sealed};
use crate::owner::Owner;

/// The stored form of an undecided one-time-use action: the MACs of the actors' secrets, and the sealed HTTP actions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OpenApproval {
    pub(crate) actors: Vec<ActorSecrets>,
    pub(crate) approved: Sealed,
    pub(crate) declined: Sealed,
}

/// An actor with the MACs of the secrets to approve and to decline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ActorSecrets {
    #[serde(flatten, with = "super::actor")]
    pub(crate) actor: Owner,
    pub(crate) approve: Mac,
    pub(crate) decline: Mac,
}

/// Returns the field name for a secret of an actor, from the actor's position in the list and the outcome.
pub(crate) fn secret_field(index: usize, approved: bool) -> String {
    format!("{}/{index}", if approved { "approve" } else { "decline" })
}
