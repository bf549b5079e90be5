use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::challenge_type::ChallengeType;
use crate::codec::Form;
use crate::engine::Entity;
use crate::id::{EnrollmentId, Id};
use crate::keyring::{Place, SecretField, SecretFields};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::Kind;
use crate::time::Timestamp;

/// An authenticator of a user, for one factor: see [`TotpEnrollment`](crate::totp::TotpEnrollment) and
/// [`WebauthnEnrollment`](crate::webauthn::WebauthnEnrollment).
///
/// A new enrollment is pending and answers no challenge. The first correct answer of the authenticator completes the
/// enrollment. A pending enrollment expires after [`Policy::pending_enrollment`].
#[derive(Clone)]
pub struct Enrollment<F>(Body<F>);

/// The stored form of an [`Enrollment`].
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body<F> {
    v: Form,
    id: EnrollmentId,
    owner: Owner,
    created: Timestamp,
    updated: Timestamp,
    #[serde(flatten)]
    factor: F,
}

/// The factor-specific part of an [`Enrollment`].
pub(crate) trait EnrollmentFactor: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The kind of the record.
    const KIND: Kind;
    /// The type of challenges answered by the enrollment.
    const CHALLENGE_TYPE: ChallengeType;

    fn is_completed(&self) -> bool;

    /// Returns whether this service accepted an answer of the authenticator.
    fn is_proven(&self) -> bool;

    /// Returns the values under keys of the key ring, for the record at `place`.
    fn secret_fields<'a>(&'a mut self, place: Place<'a>) -> Vec<SecretField<'a>>;
}

impl<F> Enrollment<F> {
    pub(crate) const fn new(id: EnrollmentId, owner: Owner, now: Timestamp, factor: F) -> Self {
        Self(Body { v: Form, id, owner, created: now, updated: now, factor })
    }

    /// Returns the id.
    #[must_use]
    pub const fn id(&self) -> EnrollmentId {
        self.0.id
    }

    /// Returns the user.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Returns when the enrollment was created.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// Returns when the enrollment last changed. An accepted TOTP code is a change. An assertion is a change only if
    /// the signature counter or the backup state changes.
    #[must_use]
    pub const fn updated(&self) -> Timestamp {
        self.0.updated
    }

    pub(crate) const fn factor(&self) -> &F {
        &self.0.factor
    }
}

#[expect(private_bounds, reason = "the factors are those of this crate")]
impl<F: EnrollmentFactor> Enrollment<F> {
    /// Returns whether the enrollment can answer challenges.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.0.factor.is_completed()
    }

    /// Returns whether this service has accepted an answer of the authenticator. Returns `false` for a pending
    /// enrollment, and for an [imported](crate::import) one until the first accepted answer.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.0.factor.is_proven()
    }

    /// Returns the place of the record, for sealing and hashing fields.
    pub(crate) fn place(&self) -> Place<'_> {
        Self::place_of(self.0.id, &self.0.owner)
    }

    /// Returns the place of the record of a new enrollment.
    pub(super) fn place_of(id: EnrollmentId, owner: &Owner) -> Place<'_> {
        Place { kind: F::KIND, id: id.0, owner, field: "" }
    }

    /// Returns the enrollment after a change of the factor. The time of the last change never goes back.
    pub(crate) fn changed(&self, now: Timestamp, change: impl FnOnce(&mut F)) -> Self {
        let mut next = self.clone();
        change(&mut next.0.factor);
        next.0.updated = now.max(self.0.updated);
        next
    }
}

impl<F: EnrollmentFactor> Entity for Enrollment<F> {
    const KIND: Kind = F::KIND;
    type Body = Body<F>;

    fn from_body(body: Body<F>) -> Self {
        Self(body)
    }

    fn body(&self) -> &Body<F> {
        &self.0
    }

    fn record_id(&self) -> Id {
        self.0.id.0
    }

    fn record_owner(&self) -> &Owner {
        &self.0.owner
    }

    fn garbage_at(&self, policy: &Policy) -> Option<Timestamp> {
        (!self.is_completed()).then(|| self.0.created.after(policy.pending_enrollment).after(policy.retention))
    }

    fn is_alive(&self, policy: &Policy, now: Timestamp) -> bool {
        self.is_completed() || now < self.0.created.after(policy.pending_enrollment)
    }
}

impl<F: EnrollmentFactor> SecretFields for Body<F> {
    fn secret_fields(&mut self) -> Vec<SecretField<'_>> {
        let Self { v: _, id, owner, created: _, updated: _, factor } = self;
        factor.secret_fields(Place { kind: F::KIND, id: id.0, owner, field: "" })
    }
}

impl<F: fmt::Debug> fmt::Debug for Enrollment<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrollment")
            .field("id", &self.0.id)
            .field("owner", &self.0.owner)
            .field("factor", &self.0.factor)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
