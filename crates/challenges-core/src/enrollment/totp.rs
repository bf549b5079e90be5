use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Enrollment, EnrollmentRecord, EnrollmentState, TotpKey};
use crate::codec::Form;
use crate::error::Error;
use crate::factor::TimeStep;
use crate::id::EnrollmentId;
use crate::keyring::{Keeps, Kept, KeyRing, Mac, Place, SealError, Sealed};
use crate::owner::Owner;
use crate::store::Kind;
use crate::time::Timestamp;

/// A TOTP enrollment as it stands. It shows no key.
#[derive(Clone)]
pub struct TotpEnrollment(Body);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    v: Form,
    id: EnrollmentId,
    owner: Owner,
    created: Timestamp,
    updated: Timestamp,
    state: EnrollmentState,
    key: Sealed,
    /// The newest step of which a code was accepted; no code of it or an earlier one is ever accepted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<TimeStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_wrong: Option<Mac>,
}

/// What became of an attempt to complete an enrollment.
pub(crate) enum Confirmation {
    Completed(TotpEnrollment),
    Wrong(TotpEnrollment),
}

impl TotpEnrollment {
    pub(crate) const fn pending(id: EnrollmentId, owner: Owner, now: Timestamp, key: Sealed) -> Self {
        let state = EnrollmentState::Pending;
        Self(Body { v: Form, id, owner, created: now, updated: now, state, key, mark: None, last_wrong: None })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> EnrollmentId {
        self.0.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// When it was created.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// When it last changed.
    #[must_use]
    pub const fn updated(&self) -> Timestamp {
        self.0.updated
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> EnrollmentState {
        self.0.state
    }

    /// Whether it can answer challenges.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.0.state == EnrollmentState::Success
    }

    /// The pending enrollment after a code was compared: completed by the step that matched, which is used up with it.
    pub(crate) fn confirm(&self, matched: Option<TimeStep>, fingerprint: Mac, now: Timestamp) -> Confirmation {
        let mut next = self.touched(now);
        match matched {
            Some(step) => {
                next.0.state = EnrollmentState::Success;
                next.0.mark = Some(step);
                next.0.last_wrong = None;
                Confirmation::Completed(next)
            }
            None => {
                next.0.last_wrong = Some(fingerprint);
                Confirmation::Wrong(next)
            }
        }
    }

    /// The enrollment after a code of that step answered a challenge. The mark never goes back.
    pub(crate) fn used(&self, step: TimeStep, now: Timestamp) -> Self {
        let mut next = self.touched(now);
        next.0.mark = self.0.mark.max(Some(step));
        next
    }

    pub(crate) const fn mark(&self) -> Option<TimeStep> {
        self.0.mark
    }

    pub(crate) const fn last_wrong(&self) -> Option<&Mac> {
        self.0.last_wrong.as_ref()
    }

    pub(crate) fn key(&self, ring: &KeyRing) -> Result<TotpKey, Error> {
        let bytes = ring.open(self.place().field("key"), &self.0.key)?;
        let bytes = bytes.as_slice().try_into().map_err(|_| SealError::Forged)?;
        Ok(TotpKey::from_bytes(bytes))
    }

    pub(crate) const fn place(&self) -> Place<'_> {
        place(self.0.id, &self.0.owner)
    }

    pub(crate) const fn body(&self) -> &Body {
        &self.0
    }

    fn touched(&self, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.0.updated = now.max(self.0.updated);
        next
    }
}

impl EnrollmentRecord for TotpEnrollment {
    const KIND: Kind = Kind::TotpEnrollment;
    type Body = Body;

    fn from_body(body: Body) -> Self {
        Self(body)
    }

    fn shown(&self) -> Enrollment<'_> {
        self.into()
    }

    fn created(&self) -> Timestamp {
        self.0.created
    }

    fn is_completed(&self) -> bool {
        self.is_completed()
    }
}

impl Keeps for Body {
    fn kept(&mut self) -> Vec<Kept<'_>> {
        let Self { v: _, id, owner, created: _, updated: _, state: _, key, mark: _, last_wrong } = self;
        let mut kept = vec![Kept::Sealed(place(*id, owner).field("key"), key)];
        kept.extend(last_wrong.as_ref().map(Kept::Hashed));
        kept
    }
}

/// Where the key of an enrollment belongs.
pub(crate) const fn place(id: EnrollmentId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::TotpEnrollment, id: id.0, owner, field: "" }
}

impl fmt::Debug for TotpEnrollment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpEnrollment")
            .field("id", &self.0.id)
            .field("owner", &self.0.owner)
            .field("state", &self.0.state)
            .finish_non_exhaustive()
    }
}
