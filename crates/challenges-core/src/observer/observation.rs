use std::time::Duration;

use strum::IntoStaticStr;

use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::error::{Error, Refused, Rejected, StepUpRefused};
use crate::factor::Factor;
use crate::failure::Failure;
use crate::id::{ChallengeId, DeviceId, EndpointId, EnrollmentId, OutboxId};
use crate::keyring::SealError;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::reseal_report::ResealReport;
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
/// Fields without a comment mean the same in every event: `owner` is the user concerned, `challenge`, `enrollment`,
/// `endpoint`, `device` and `entry` are the records concerned, and `reason` and `error` say why.
///
/// [`Serialize`](serde::Serialize) writes a flat map for audit logs: `event`, and where known `kind`, `reason`,
/// `warning`, `tenant`, `user`, `challenge` (the prefix), `id` and `detail`.
#[derive(Debug, IntoStaticStr)]
#[cfg_attr(test, derive(strum::EnumCount))]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields that all events share are explained above")]
pub enum Observation<'a> {
    /// A challenge was created.
    #[non_exhaustive]
    ChallengeCreated {
        challenge: ChallengeId,
        owner: &'a Owner,
        /// The types; absent for a one-time-use action.
        types: Option<&'a ChallengeTypes>,
        /// The state after creation.
        state: State,
    },
    /// A challenge was refused because the user has too many open ones, or a one-time-use action because the user
    /// queued too many HTTP actions.
    #[non_exhaustive]
    ChallengesCapped { owner: &'a Owner },
    /// A challenge changed.
    #[non_exhaustive]
    ChallengeMoved {
        challenge: ChallengeId,
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
    ChallengeDeleted { challenge: ChallengeId, owner: &'a Owner },
    /// A challenge reached the limit of wrong answers of a class, such as TOTP codes, with the answer just observed.
    #[non_exhaustive]
    ChallengeExhausted {
        challenge: ChallengeId,
        owner: &'a Owner,
        /// The types; absent for a one-time-use action.
        types: Option<&'a ChallengeTypes>,
    },
    /// An answer was refused without being compared. The answer counts against nobody.
    #[non_exhaustive]
    AnswerRefused { challenge: ChallengeId, owner: &'a Owner, reason: Refused },
    /// An answer was not decided, and nothing was handed out: no such challenge, or a store or key failed.
    #[non_exhaustive]
    AnswerUndecided { challenge: ChallengeId, error: &'a Error },
    /// An assertion failed a step of the ceremony and counts as a wrong answer. Or the counter did not grow, and the
    /// assertion was accepted because [`Policy::refuse_stale_sign_count`](crate::Policy::refuse_stale_sign_count) is
    /// off.
    #[non_exhaustive]
    AssertionRejected {
        challenge: ChallengeId,
        owner: &'a Owner,
        /// The enrollment of the credential.
        enrollment: EnrollmentId,
        /// The failed step.
        reason: Rejected,
    },
    /// An enrollment was created and is pending.
    #[non_exhaustive]
    EnrollmentCreated {
        enrollment: EnrollmentId,
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
    },
    /// An enrollment was completed.
    #[non_exhaustive]
    EnrollmentCompleted {
        enrollment: EnrollmentId,
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
    },
    /// A wrong code or registration response was counted against a pending enrollment.
    #[non_exhaustive]
    EnrollmentAnswerWrong {
        enrollment: EnrollmentId,
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
        /// The failed step of the registration ceremony; absent for a TOTP code.
        reason: Option<Rejected>,
    },
    /// An answer to an enrollment was refused without being compared.
    #[non_exhaustive]
    EnrollmentAnswerRefused { enrollment: EnrollmentId, owner: &'a Owner, reason: Refused },
    /// An answer to an enrollment was not decided: no such enrollment, or a store or key failed.
    #[non_exhaustive]
    EnrollmentAnswerUndecided { enrollment: EnrollmentId, owner: &'a Owner, error: &'a Error },
    /// An enrollment was deleted.
    #[non_exhaustive]
    EnrollmentDeleted {
        enrollment: EnrollmentId,
        owner: &'a Owner,
        /// The type of challenges answered by the enrollment.
        kind: ChallengeType,
    },
    /// An endpoint was registered. A phone number or e-mail address may still need confirmation.
    #[non_exhaustive]
    EndpointRegistered {
        endpoint: EndpointId,
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A confirmation code for a phone number or e-mail address was queued.
    #[non_exhaustive]
    EndpointCodeSent {
        endpoint: EndpointId,
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A phone number or e-mail address was confirmed.
    #[non_exhaustive]
    EndpointConfirmed {
        endpoint: EndpointId,
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A wrong confirmation code was counted.
    #[non_exhaustive]
    EndpointAnswerWrong {
        endpoint: EndpointId,
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
    },
    /// A confirmation code was refused without being compared.
    #[non_exhaustive]
    EndpointAnswerRefused { endpoint: EndpointId, owner: &'a Owner, reason: Refused },
    /// A confirmation code was not decided: no such endpoint, or a store or key failed.
    #[non_exhaustive]
    EndpointAnswerUndecided { endpoint: EndpointId, owner: &'a Owner, error: &'a Error },
    /// An endpoint was enabled or disabled.
    #[non_exhaustive]
    EndpointSwitched {
        endpoint: EndpointId,
        owner: &'a Owner,
        /// The type of challenges sent to the endpoint.
        channel: ChallengeType,
        /// `true` if challenges are sent to the endpoint from now on.
        enabled: bool,
    },
    /// An endpoint was deleted by the user or the host.
    #[non_exhaustive]
    EndpointDeleted { endpoint: EndpointId, owner: &'a Owner },
    /// An endpoint was deleted because the push subscription was registered again, for another user.
    #[non_exhaustive]
    EndpointTakenOver {
        endpoint: EndpointId,
        /// The user who had the subscription before.
        owner: &'a Owner,
    },
    /// An endpoint was deleted because the address no longer exists.
    #[non_exhaustive]
    EndpointGone { endpoint: EndpointId, owner: &'a Owner },
    /// An outbox entry was performed.
    #[non_exhaustive]
    OutboxPerformed {
        entry: OutboxId,
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// The HTTP status of the receiver.
        status: Option<u16>,
    },
    /// An attempt at an outbox entry failed; another follows.
    #[non_exhaustive]
    OutboxRetried {
        entry: OutboxId,
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
        entry: OutboxId,
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// The failure; absent when crashes used up the attempts, or the time ran out.
        failure: Option<&'a Failure>,
    },
    /// An outbox entry became pointless and was dropped.
    #[non_exhaustive]
    OutboxDropped {
        entry: OutboxId,
        owner: &'a Owner,
        /// The challenge of the entry; absent for a confirmation code.
        challenge: Option<ChallengeId>,
        /// `challenge_gone`, `challenge_over`, `superseded` by a newer message, `endpoint_gone` or `too_late`.
        reason: &'static str,
    },
    /// An outbox entry cannot be read (a key is missing, or a newer version wrote it) and is looked at again later.
    #[non_exhaustive]
    OutboxUnreadable { entry: OutboxId, error: &'a Error },
    /// A record that was read does not verify: somebody changed or moved the record in the database, or the key of the
    /// tag is not in the ring. Observed at every read. The record is not used.
    #[non_exhaustive]
    RecordUntrusted {
        /// The key of the record.
        key: Key,
        reason: &'a SealError,
    },
    /// A message was held back by a limit. A queued message is attempted again after `wait`, or given up if too late.
    #[non_exhaustive]
    SendLimited {
        owner: &'a Owner,
        /// The limit of the `user`, of the `destination`, or in `total`.
        limit: &'static str,
        /// The time until the limit allows another message.
        wait: Duration,
    },
    /// A dead letter was put back into the outbox.
    #[non_exhaustive]
    DeadLetterRetried { entry: OutboxId },
    /// A dead letter was discarded.
    #[non_exhaustive]
    DeadLetterDiscarded { entry: OutboxId },
    /// Too many consecutive failures delay the answers of a factor of a user.
    #[non_exhaustive]
    FactorDelayed {
        owner: &'a Owner,
        factor: Factor,
        /// The end of the delay.
        until: Timestamp,
    },
    /// Too many consecutive failures disabled a factor of a user until reset by an administrator.
    #[non_exhaustive]
    FactorDisabled { owner: &'a Owner, factor: Factor },
    /// An administrator reset the failures of a factor of a user.
    #[non_exhaustive]
    FactorReset { owner: &'a Owner, factor: Factor },
    /// An administrator changed the factors or trusted devices of a user, under
    /// [`Grant::administrator`](crate::Grant::administrator). The next event of this user names the change.
    #[non_exhaustive]
    AdministratorActed {
        owner: &'a Owner,
        /// The person or program.
        who: &'a str,
        /// The reason.
        why: &'a str,
    },
    /// A challenge was answered with a recovery code. The code is used up.
    #[non_exhaustive]
    RecoveryCodeUsed {
        challenge: ChallengeId,
        owner: &'a Owner,
        /// The number of usable codes left. With 2 or fewer, the reason is `few_left`: ask the user to generate new
        /// codes.
        left: usize,
    },
    /// The recovery codes of a user were replaced, or deleted.
    #[non_exhaustive]
    RecoveryCodesChanged {
        owner: &'a Owner,
        /// The number of new codes; 0 after a deletion.
        left: usize,
    },
    /// A device was trusted.
    #[non_exhaustive]
    TrustedDeviceAdded { device: DeviceId, owner: &'a Owner },
    /// A trusted device replaced the second factor.
    #[non_exhaustive]
    TrustedDeviceUsed {
        device: DeviceId,
        owner: &'a Owner,
        /// The purpose requested.
        purpose: &'a Purpose,
    },
    /// The secret of a trusted device was refused.
    #[non_exhaustive]
    TrustedDeviceRefused {
        /// The user who presented the secret.
        owner: &'a Owner,
        /// The purpose requested.
        purpose: &'a Purpose,
        reason: StepUpRefused,
    },
    /// A replaced secret of a trusted device came back, and the device was deleted. The cookie was probably copied; see
    /// [replaced secrets](crate::devices#replaced-secrets).
    #[non_exhaustive]
    TrustedDeviceStolen { device: DeviceId, owner: &'a Owner },
    /// A trusted device was revoked, or gave way to another one.
    #[non_exhaustive]
    TrustedDeviceRevoked { device: DeviceId, owner: &'a Owner },
    /// A step-up token was granted for a passed challenge.
    #[non_exhaustive]
    StepUpGranted {
        challenge: ChallengeId,
        owner: &'a Owner,
        purpose: &'a Purpose,
        /// The type of the answer.
        kind: ChallengeType,
    },
    /// A step-up token good for one request was used.
    #[non_exhaustive]
    StepUpUsed {
        challenge: ChallengeId,
        owner: &'a Owner,
        purpose: &'a Purpose,
        /// The type of the answer.
        kind: ChallengeType,
    },
    /// A step-up token was refused, or a change of factors without one.
    #[non_exhaustive]
    StepUpRefused {
        /// The user who presented the token, or whose factors were to be changed.
        owner: &'a Owner,
        /// The purpose requested.
        purpose: &'a Purpose,
        reason: StepUpRefused,
    },
    /// An account was erased. The event does not contain the name.
    #[non_exhaustive]
    AccountErased {
        /// The number of deleted records.
        records: usize,
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
        /// The report of the page.
        report: &'a ResealReport,
    },
    /// A step of `Challenges::spawn_upkeep` failed, and is retried after `pause`.
    #[non_exhaustive]
    UpkeepFailed {
        error: &'a Error,
        /// The time until the next try.
        pause: Duration,
    },
}
