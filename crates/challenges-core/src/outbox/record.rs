use serde::{Deserialize, Serialize};

use super::notice::Notice;
use crate::approvals::ActionResult;
use crate::challenge_type::ChallengeType;
use crate::codec::{Form, is_false, is_zero};
use crate::id::{ChallengeId, EndpointId, OutboxId};
use crate::keyring::{Place, Sealed, SecretField, SecretFields};
use crate::owner::Owner;
use crate::store::Kind;
use crate::time::Timestamp;
use crate::uri::ResponseUri;

/// The stored form of an entry, in the outbox and as a dead letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(super) v: Form,
    pub(crate) id: OutboxId,
    pub(crate) owner: Owner,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) challenge: Option<ChallengeId>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) attempts: u32,
    /// `true` if the message was counted in the message budgets. Retries then count as no further message.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) counted: bool,
    pub(crate) until: Timestamp,
    pub(crate) task: StoredTask,
    /// Set in dead letters only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dead: Option<Death>,
}

/// The end of an entry as a dead letter. The failure goes to the observer and is not stored, because the text of a
/// courier may say too much.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Death {
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
}

/// The stored form of a task, with the secret sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredTask {
    Deliver {
        channel: ChallengeType,
        endpoint: EndpointId,
        page: ResponseUri,
        secret: Sealed,
        /// The short code beside the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Sealed>,
    },
    Confirm {
        endpoint: EndpointId,
        code: Sealed,
    },
    Notice {
        notice: Notice,
        /// `true` if the change needs no right to the account. Alarms are counted apart.
        #[serde(default, skip_serializing_if = "is_false")]
        alarm: bool,
        /// The receiving endpoint with the address before the change, or `None` for the host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<(EndpointId, Sealed)>,
    },
    Act {
        #[serde(with = "crate::approvals::actor")]
        actor: Owner,
        index: usize,
        action: Sealed,
        /// When the result expires: together with the challenge.
        result_until: Timestamp,
    },
}

impl Body {
    /// Returns whether the entry is a message. Late messages are pointless, while a decided action waits for the host.
    pub(crate) const fn is_message(&self) -> bool {
        match self.task {
            StoredTask::Deliver { .. } | StoredTask::Confirm { .. } | StoredTask::Notice { .. } => true,
            StoredTask::Act { .. } => false,
        }
    }

    /// Returns whether the entry is a notice.
    pub(crate) const fn is_notice(&self) -> bool {
        match self.task {
            StoredTask::Notice { .. } => true,
            StoredTask::Deliver { .. } | StoredTask::Confirm { .. } | StoredTask::Act { .. } => false,
        }
    }

    /// Returns whether the entry is an alarm.
    pub(crate) const fn is_alarm(&self) -> bool {
        match self.task {
            StoredTask::Notice { alarm, .. } => alarm,
            StoredTask::Deliver { .. } | StoredTask::Confirm { .. } | StoredTask::Act { .. } => false,
        }
    }

    /// Returns the endpoint that receives the message.
    pub(crate) const fn endpoint(&self) -> Option<EndpointId> {
        match &self.task {
            StoredTask::Deliver { endpoint, .. } | StoredTask::Confirm { endpoint, .. } => Some(*endpoint),
            StoredTask::Notice { to: Some((endpoint, _)), .. } => Some(*endpoint),
            StoredTask::Notice { to: None, .. } | StoredTask::Act { .. } => None,
        }
    }

    /// Returns the result of an action, and when that result expires.
    pub(crate) fn result(
        &self,
        at: Timestamp,
        status: Option<u16>,
        performed: bool,
    ) -> Option<(ActionResult, Timestamp)> {
        match self.task {
            StoredTask::Act { index, result_until, .. } => {
                Some((ActionResult::new(self.id, index, at, status, performed), result_until))
            }
            StoredTask::Deliver { .. } | StoredTask::Confirm { .. } | StoredTask::Notice { .. } => None,
        }
    }

    /// Returns the result of a dead-lettered action: not performed.
    pub(crate) fn dead_result(&self) -> Option<(ActionResult, Timestamp)> {
        self.dead.and_then(|death| self.result(death.at, death.status, false))
    }
}

impl SecretFields for Body {
    fn secret_fields(&mut self) -> Vec<SecretField<'_>> {
        // Destructured, so that a new field cannot be forgotten here.
        let Self { v: _, id, owner, challenge: _, attempts: _, counted: _, until: _, task, dead: _ } = self;
        let place = place(*id, owner);
        let (sealed, code) = match task {
            StoredTask::Deliver { channel: _, endpoint: _, page: _, secret, code } => (Some(secret), code.as_mut()),
            StoredTask::Confirm { endpoint: _, code } => (Some(code), None),
            StoredTask::Notice { notice: _, alarm: _, to } => (to.as_mut().map(|(_, address)| address), None),
            StoredTask::Act { actor: _, index: _, action, result_until: _ } => (Some(action), None),
        };
        let sealed = sealed.map(|sealed| SecretField::Sealed(place, sealed));
        let code = code.map(|code| SecretField::Sealed(place.field("code"), code));
        sealed.into_iter().chain(code).collect()
    }
}

/// Returns the place of the secret of an entry. A dead letter has the place of the entry, so the sealed secret still
/// opens.
pub(super) const fn place(id: OutboxId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Outbox, id: id.0, owner, field: "task" }
}
