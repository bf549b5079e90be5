use serde::{Deserialize, Serialize};

use crate::address::ResponseUri;
use crate::challenge::{ActionResult, Actor, ChallengeType};
use crate::codec::{Form, is_zero};
use crate::id::{ChallengeId, EndpointId, OutboxId};
use crate::keyring::{Keeps, Kept, Place, Sealed};
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::Kind;
use crate::time::Timestamp;

/// What is stored of an entry, in the outbox and as a dead letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) v: Form,
    pub(crate) id: OutboxId,
    pub(crate) owner: Owner,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) challenge: Option<ChallengeId>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) attempts: u32,
    pub(crate) until: Timestamp,
    pub(crate) task: TaskBody,
    /// Of a dead letter alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dead: Option<Dead>,
}

/// How an entry ended as a dead letter. The reason is told to the observer and not kept: a courier may say too much.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Dead {
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskBody {
    Deliver {
        channel: ChallengeType,
        endpoint: EndpointId,
        page: ResponseUri,
        secret: Sealed,
    },
    Confirm {
        endpoint: EndpointId,
        code: Sealed,
    },
    Act {
        actor: Actor,
        index: usize,
        action: Sealed,
        /// Until when its result is kept: as long as its challenge.
        kept_until: Timestamp,
    },
}

impl Body {
    /// Whether it is worth nothing any more once its time is over. An action that was decided stays for the host.
    pub(crate) const fn is_message(&self) -> bool {
        matches!(self.task, TaskBody::Deliver { .. } | TaskBody::Confirm { .. })
    }

    /// How it ended, and until when that is kept; of an action alone.
    pub(crate) fn result(
        &self,
        at: Timestamp,
        status: Option<u16>,
        performed: bool,
    ) -> Option<(ActionResult, Timestamp)> {
        let TaskBody::Act { index, kept_until, .. } = self.task else { return None };
        Some((ActionResult { entry: self.id, index, at, status, performed }, kept_until))
    }
}

impl Keeps for Body {
    fn kept(&mut self) -> Vec<Kept<'_>> {
        let Self { v: _, id, owner, challenge: _, attempts: _, until: _, task, dead: _ } = self;
        let sealed = match task {
            TaskBody::Deliver { channel: _, endpoint: _, page: _, secret } => secret,
            TaskBody::Confirm { endpoint: _, code } => code,
            TaskBody::Act { actor: _, index: _, action, kept_until: _ } => action,
        };
        vec![Kept::Sealed(place(*id, owner), sealed)]
    }
}

/// Where the secret of an entry belongs. It stays sealed for there when the entry becomes a dead letter.
pub(crate) const fn place(id: OutboxId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Outbox, id: id.0, owner, field: "task" }
}

/// The link that is sent: the page, with what it needs to answer.
pub(crate) fn link(page: &ResponseUri, owner: &Owner, challenge: ChallengeId, secret: &str) -> Secret {
    let id = challenge.to_string();
    let parameters = [("challenge_answer", secret), ("challenge_uid", owner.user_id()), ("challenge_id", id.as_str())];
    page.with_parameters(&parameters).as_str().into()
}
