//! What must be sent or done because of a transition: stored with it, performed afterwards, at least once.

use serde::{Deserialize, Serialize};

use crate::address::ResponseUri;
use crate::challenge::{Actor, ChallengeType, HttpAction};
use crate::codec::Form;
use crate::error::Error;
use crate::id::{ChallengeId, EndpointId, OutboxId};
use crate::keyring::{Place, Sealed};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::Kind;

/// An entry of the outbox, with its secrets opened.
#[derive(Debug)]
pub struct OutboxEntry {
    /// Its id: the idempotency key of what it asks for.
    pub id: OutboxId,
    /// Whose challenge it is of.
    pub owner: Owner,
    /// The challenge.
    pub challenge: ChallengeId,
    /// What must be done.
    pub task: Task,
}

/// An entry of the outbox that cannot be read: of an unknown form, or sealed under a key that is not at hand.
#[derive(Debug, thiserror::Error)]
#[error("the outbox entry {id} cannot be read")]
pub struct UnreadableEntry {
    /// Its id.
    pub id: OutboxId,
    /// Why.
    pub source: Error,
}

/// What an outbox entry asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum Task {
    /// Send a link.
    Deliver(Delivery),
    /// Run an HTTP action of a decided one-time-use action.
    Act(Act),
}

/// A link to be sent.
#[derive(Debug)]
pub struct Delivery {
    /// How.
    pub channel: ChallengeType,
    /// Where to.
    pub endpoint: EndpointId,
    /// The secret of the link.
    pub secret: Secret,
    /// The link: the challenge's `response_uri` with the form parameters. Absent where the challenge has no page.
    pub link: Option<Secret>,
}

/// An HTTP request to be made.
#[derive(Debug)]
pub struct Act {
    /// On whose behalf.
    pub actor: Actor,
    /// The request.
    pub action: HttpAction,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) v: Form,
    pub(crate) id: OutboxId,
    pub(crate) owner: Owner,
    pub(crate) challenge: ChallengeId,
    pub(crate) task: TaskBody,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskBody {
    Deliver {
        channel: ChallengeType,
        endpoint: EndpointId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response_uri: Option<ResponseUri>,
        secret: Sealed,
    },
    Act {
        actor: Actor,
        action: Sealed,
    },
}

/// Where the secret of an entry belongs.
pub(crate) const fn place(id: OutboxId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Outbox, id: id.0, owner, field: "task" }
}

/// The link that is sent: the page, with what it needs to answer.
pub(crate) fn link(page: &ResponseUri, owner: &Owner, challenge: ChallengeId, secret: &str) -> Secret {
    let id = challenge.to_string();
    let parameters = [("challenge_answer", secret), ("challenge_uid", owner.user_id()), ("challenge_id", id.as_str())];
    page.with_parameters(&parameters).as_str().into()
}
