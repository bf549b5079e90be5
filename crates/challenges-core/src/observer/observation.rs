use std::time::Duration;

use strum::IntoStaticStr;

use super::{DropReason, ResealProgress};
use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::error::{Error, Refused, Rejected, StepUpRefusal};
use crate::factor::Factor;
use crate::failure::Failure;
use crate::id::{ChallengeId, EndpointId, EnrollmentId, OutboxId};
use crate::keyring::SealError;
use crate::owner::Owner;
use crate::policy::SendLimit;
use crate::purpose::Purpose;
use crate::state::{Outcome, State};
use crate::store::Key;
use crate::time::Timestamp;

/// An event. Events hold no secrets, but the id of a challenge is a capability: log
/// [`ChallengeId::prefix`](crate::ChallengeId::prefix) instead, or restrict who reads the log.
///
/// Every answer to a challenge ends in exactly one of [`ChallengeMoved`](Self::ChallengeMoved) (passed, declined or
/// wrong), [`AnswerRefused`](Self::AnswerRefused) and [`AnswerUndecided`](Self::AnswerUndecided). A challenge that
/// expires without another call causes no event: expiry is read from the clock.
///
/// [`Serialize`](serde::Serialize) writes a flat map for audit logs: `event`, and where known `kind`, `reason`, `warning`, `tenant`, `user`,
/// `challenge` (the prefix), `id` and `detail`.
#[derive(Debug, IntoStaticStr)]
#[cfg_attr(test, derive(strum::EnumCount))]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Observation<'a> {
    /// A challenge was created.
    #[non_exhaustive]
    ChallengeCreated {
        /// The challenge.
        challenge: ChallengeId,
        /// The challenged user.
        owner: &'a Owner,
        /// The types; absent for a one-time-use action.
        types: Option<&'a ChallengeTypes>,
        /// The state after creation.
        state: State,
    },
    /// A challenge was refused because the user has too many open ones.
    #[non_exhaustive]
    ChallengesCapped {
        /// The user.
        owner: &'a Owner,
    },
    /// A challenge changed.
    #[non_exhaustive]
    ChallengeMoved {
        /// The challenge.
        challenge: ChallengeId,
        /// The challenged user.
        owner: &'a Owner,
        /// The types; absent for a one-time-use action.
        types: Option<&'a ChallengeTypes>,
        /// The change.
        outcome: Outcome,
        /// The time since the creation of the challenge.
        age: Duration,
    },
    /// A challenge was deleted.
    #[non_exhaustive]
    ChallengeDeleted {
        /// The challenge.
        challenge: ChallengeId,
        /// The challenged user.
        owner: &'a Owner,
    },
    /// A challenge reached the limit of wrong answers of a class, such as TOTP codes, with the answer just observed.
    #[non_exhaustive]
    ChallengeExhausted {
        /// The challenge.
        challenge: ChallengeId,
        /// The challenged user.
        owner: &'a Owner,
        /// The types; absent for a one-time-use action.
        types: Option<&'a ChallengeTypes>,
    },
    /// An answer was refused without being compared. The answer counts against nobody.
    #[non_exhaustive]
    AnswerRefused {
        /// The challenge.
        challenge: ChallengeId,
        /// The challenged user.
        owner: &'a Owner,
        /// The reason.
        reason: Refused,
    },
    /// An answer was not decided, and nothing was handed out: no such challenge, or a store or key failed.
    #[non_exhaustive]
    AnswerUndecided {
        /// The challenge.
        challenge: ChallengeId,
        /// The error.
        error: &'a Error,
    },
    /// An assertion failed a step of the ceremony and counts as a wrong answer. Under
    /// [`SignCountPolicy::Report`](crate::policy::SignCountPolicy::Report) also an accepted assertion whose counter did
    /// not grow.
    #[non_exhaustive]
    AssertionRejected {
        /// The challenge.
        challenge: ChallengeId,
        /// The challenged user.
        owner: &'a Owner,
        /// The enrollment of the credential.
        enrollment: EnrollmentId,
        /// The failed step.
        reason: Rejected,
    },
    /// An enrollment was created and is pending.
    #[non_exhaustive]
    EnrollmentCreated {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
    },
    /// An enrollment was completed.
    #[non_exhaustive]
    EnrollmentCompleted {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
    },
    /// A wrong code or registration response was counted against a pending enrollment.
    #[non_exhaustive]
    EnrollmentAnswerWrong {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
        /// The failed step of the registration ceremony; absent for a TOTP code.
        reason: Option<Rejected>,
    },
    /// An answer to an enrollment was refused without being compared.
    #[non_exhaustive]
    EnrollmentAnswerRefused {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// The user.
        owner: &'a Owner,
        /// The reason.
        reason: Refused,
    },
    /// An answer to an enrollment was not decided: no such enrollment, or a store or key failed.
    #[non_exhaustive]
    EnrollmentAnswerUndecided {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// The user.
        owner: &'a Owner,
        /// The error.
        error: &'a Error,
    },
    /// An enrollment was deleted.
    #[non_exhaustive]
    EnrollmentDeleted {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
    },
    /// An endpoint was registered. A phone number may still need confirmation.
    #[non_exhaustive]
    EndpointRegistered {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A confirmation code for a phone number was queued.
    #[non_exhaustive]
    EndpointCodeSent {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A phone number was confirmed.
    #[non_exhaustive]
    EndpointConfirmed {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A wrong confirmation code was counted.
    #[non_exhaustive]
    EndpointAnswerWrong {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A confirmation code was refused without being compared.
    #[non_exhaustive]
    EndpointAnswerRefused {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The reason.
        reason: Refused,
    },
    /// A confirmation code was not decided: no such endpoint, or a store or key failed.
    #[non_exhaustive]
    EndpointAnswerUndecided {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The error.
        error: &'a Error,
    },
    /// An endpoint was enabled or disabled.
    #[non_exhaustive]
    EndpointSwitched {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
        /// `true` if challenges are sent to the endpoint from now on.
        enabled: bool,
    },
    /// An endpoint was deleted by the user or the host.
    #[non_exhaustive]
    EndpointDeleted {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
    },
    /// An endpoint was deleted because the push subscription was registered again, for another user.
    #[non_exhaustive]
    EndpointTakenOver {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user who had the subscription before.
        owner: &'a Owner,
    },
    /// An endpoint was deleted because the address no longer exists.
    #[non_exhaustive]
    EndpointGone {
        /// The endpoint.
        endpoint: EndpointId,
        /// The user.
        owner: &'a Owner,
    },
    /// An outbox entry was performed.
    #[non_exhaustive]
    OutboxPerformed {
        /// The entry.
        entry: OutboxId,
        /// The user.
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// The HTTP status of the receiver.
        status: Option<u16>,
    },
    /// An attempt at an outbox entry failed; another follows.
    #[non_exhaustive]
    OutboxRetried {
        /// The entry.
        entry: OutboxId,
        /// The user.
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// The failure.
        failure: &'a Failure,
        /// The time of the next attempt.
        due: Timestamp,
    },
    /// An outbox entry failed for good and became a dead letter.
    #[non_exhaustive]
    OutboxDeadLettered {
        /// The entry.
        entry: OutboxId,
        /// The user.
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// The failure; absent when crashes used up the attempts, or the time ran out.
        failure: Option<&'a Failure>,
    },
    /// An outbox entry became pointless and was dropped.
    #[non_exhaustive]
    OutboxDropped {
        /// The entry.
        entry: OutboxId,
        /// The user.
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// The reason.
        reason: DropReason,
    },
    /// An outbox entry cannot be read and is looked at again later. A key may be missing, or a newer version wrote the
    /// entry.
    #[non_exhaustive]
    OutboxUnreadable {
        /// The entry.
        entry: OutboxId,
        /// The error.
        error: &'a Error,
    },
    /// A record was read that does not verify: somebody changed or moved the record in the database, or the key is not in
    /// the ring. Observed at every read. The record is not used.
    #[non_exhaustive]
    RecordUntrusted {
        /// The key of the record.
        key: Key,
        /// The reason.
        reason: &'a SealError,
    },
    /// A message was held back by a limit. A queued message is attempted again after `wait`, or given up if too late.
    #[non_exhaustive]
    SendLimited {
        /// The user.
        owner: &'a Owner,
        /// The limit.
        limit: SendLimit,
        /// The time until the limit allows another message.
        wait: Duration,
    },
    /// A dead letter was put back into the outbox.
    #[non_exhaustive]
    DeadLetterRetried {
        /// The entry.
        entry: OutboxId,
    },
    /// A dead letter was discarded.
    #[non_exhaustive]
    DeadLetterDiscarded {
        /// The entry.
        entry: OutboxId,
    },
    /// Too many consecutive failures delay the answers of a factor of a user.
    #[non_exhaustive]
    FactorDelayed {
        /// The user.
        owner: &'a Owner,
        /// The factor.
        factor: Factor,
        /// The end of the delay.
        until: Timestamp,
    },
    /// Too many consecutive failures disabled a factor of a user until reset by an administrator.
    #[non_exhaustive]
    FactorDisabled {
        /// The user.
        owner: &'a Owner,
        /// The factor.
        factor: Factor,
    },
    /// An administrator reset the failures of a factor of a user.
    #[non_exhaustive]
    FactorReset {
        /// The user.
        owner: &'a Owner,
        /// The factor.
        factor: Factor,
    },
    /// A challenge was answered with a recovery code. The code is used up.
    #[non_exhaustive]
    RecoveryCodeUsed {
        /// The challenge.
        challenge: ChallengeId,
        /// The user.
        owner: &'a Owner,
        /// The number of usable codes left. With 2 or fewer, the reason is `few_left`: ask the user to generate new codes.
        left: usize,
    },
    /// The recovery codes of a user were replaced, or deleted.
    #[non_exhaustive]
    RecoveryCodesChanged {
        /// The user.
        owner: &'a Owner,
        /// The number of new codes; 0 after a deletion.
        left: usize,
    },
    /// A step-up token was granted for a passed challenge.
    #[non_exhaustive]
    StepUpGranted {
        /// The challenge.
        challenge: ChallengeId,
        /// The user.
        owner: &'a Owner,
        /// The purpose.
        purpose: &'a Purpose,
        /// The type of the answer.
        kind: ChallengeType,
    },
    /// A step-up token good for one request was used.
    #[non_exhaustive]
    StepUpUsed {
        /// The challenge.
        challenge: ChallengeId,
        /// The user.
        owner: &'a Owner,
        /// The purpose.
        purpose: &'a Purpose,
        /// The type of the answer.
        kind: ChallengeType,
    },
    /// A step-up token was refused.
    #[non_exhaustive]
    StepUpRefused {
        /// The user who presented the token.
        owner: &'a Owner,
        /// The purpose requested.
        purpose: &'a Purpose,
        /// The reason.
        reason: StepUpRefusal,
    },
    /// Expired records were deleted.
    #[non_exhaustive]
    Swept {
        /// The number of records.
        records: usize,
    },
    /// A page of a reseal walk ended.
    #[non_exhaustive]
    Resealed {
        /// Records looked at.
        looked_at: usize,
        /// Records sealed again.
        resealed: usize,
        /// Outbox entries skipped because a dispatcher holds them.
        busy: usize,
        /// Unreadable records.
        unreadable: usize,
        /// The progress of the walk.
        progress: ResealProgress,
    },
}
