use super::Observation;
use crate::id::{ChallengeId, Id};
use crate::owner::Owner;
use crate::store::{Key, Kind};

impl<'a> Observation<'a> {
    /// Returns the user concerned, if known.
    #[must_use]
    pub const fn owner(&self) -> Option<&'a Owner> {
        match *self {
            Self::ChallengeCreated { owner, .. }
            | Self::ChallengesCapped { owner, .. }
            | Self::ChallengeMoved { owner, .. }
            | Self::ChallengeDeleted { owner, .. }
            | Self::ChallengeExhausted { owner, .. }
            | Self::AnswerRefused { owner, .. }
            | Self::AssertionRejected { owner, .. }
            | Self::EnrollmentCreated { owner, .. }
            | Self::EnrollmentCompleted { owner, .. }
            | Self::EnrollmentAnswerWrong { owner, .. }
            | Self::EnrollmentAnswerRefused { owner, .. }
            | Self::EnrollmentAnswerUndecided { owner, .. }
            | Self::EnrollmentDeleted { owner, .. }
            | Self::EndpointRegistered { owner, .. }
            | Self::EndpointCodeSent { owner, .. }
            | Self::EndpointConfirmed { owner, .. }
            | Self::EndpointAnswerWrong { owner, .. }
            | Self::EndpointAnswerRefused { owner, .. }
            | Self::EndpointAnswerUndecided { owner, .. }
            | Self::EndpointSwitched { owner, .. }
            | Self::EndpointDeleted { owner, .. }
            | Self::EndpointTakenOver { owner, .. }
            | Self::EndpointGone { owner, .. }
            | Self::OutboxPerformed { owner, .. }
            | Self::OutboxRetried { owner, .. }
            | Self::OutboxDeadLettered { owner, .. }
            | Self::OutboxDropped { owner, .. }
            | Self::SendLimited { owner, .. }
            | Self::FactorDelayed { owner, .. }
            | Self::FactorDisabled { owner, .. }
            | Self::FactorReset { owner, .. }
            | Self::AdministratorActed { owner, .. }
            | Self::RecoveryCodeUsed { owner, .. }
            | Self::RecoveryCodesChanged { owner, .. }
            | Self::TrustedDeviceAdded { owner, .. }
            | Self::TrustedDeviceUsed { owner, .. }
            | Self::TrustedDeviceRefused { owner, .. }
            | Self::TrustedDeviceStolen { owner, .. }
            | Self::TrustedDeviceRevoked { owner, .. }
            | Self::StepUpGranted { owner, .. }
            | Self::StepUpUsed { owner, .. }
            | Self::StepUpRefused { owner, .. } => Some(owner),
            Self::AnswerUndecided { .. }
            | Self::OutboxUnreadable { .. }
            | Self::RecordUntrusted { .. }
            | Self::DeadLetterRetried { .. }
            | Self::DeadLetterDiscarded { .. }
            | Self::AccountErased { .. }
            | Self::Swept { .. }
            | Self::Resealed { .. }
            | Self::UpkeepFailed { .. } => None,
        }
    }

    /// Returns the challenge concerned, if any.
    #[must_use]
    pub const fn challenge(&self) -> Option<ChallengeId> {
        match *self {
            Self::ChallengeCreated { challenge, .. }
            | Self::ChallengeMoved { challenge, .. }
            | Self::ChallengeDeleted { challenge, .. }
            | Self::ChallengeExhausted { challenge, .. }
            | Self::AnswerRefused { challenge, .. }
            | Self::AnswerUndecided { challenge, .. }
            | Self::AssertionRejected { challenge, .. }
            | Self::RecoveryCodeUsed { challenge, .. }
            | Self::StepUpGranted { challenge, .. }
            | Self::StepUpUsed { challenge, .. } => Some(challenge),
            Self::OutboxPerformed { challenge, .. }
            | Self::OutboxRetried { challenge, .. }
            | Self::OutboxDeadLettered { challenge, .. }
            | Self::OutboxDropped { challenge, .. } => challenge,
            // The id of a challenge is a capability, so the form has only the prefix.
            Self::RecordUntrusted { key: Key { kind: Kind::Challenge, id }, .. } => Some(ChallengeId(id)),
            Self::ChallengesCapped { .. }
            | Self::EnrollmentCreated { .. }
            | Self::EnrollmentCompleted { .. }
            | Self::EnrollmentAnswerWrong { .. }
            | Self::EnrollmentAnswerRefused { .. }
            | Self::EnrollmentAnswerUndecided { .. }
            | Self::EnrollmentDeleted { .. }
            | Self::EndpointRegistered { .. }
            | Self::EndpointCodeSent { .. }
            | Self::EndpointConfirmed { .. }
            | Self::EndpointAnswerWrong { .. }
            | Self::EndpointAnswerRefused { .. }
            | Self::EndpointAnswerUndecided { .. }
            | Self::EndpointSwitched { .. }
            | Self::EndpointDeleted { .. }
            | Self::EndpointTakenOver { .. }
            | Self::EndpointGone { .. }
            | Self::OutboxUnreadable { .. }
            | Self::RecordUntrusted { .. }
            | Self::SendLimited { .. }
            | Self::DeadLetterRetried { .. }
            | Self::DeadLetterDiscarded { .. }
            | Self::FactorDelayed { .. }
            | Self::FactorDisabled { .. }
            | Self::FactorReset { .. }
            | Self::AdministratorActed { .. }
            | Self::RecoveryCodesChanged { .. }
            | Self::TrustedDeviceAdded { .. }
            | Self::TrustedDeviceUsed { .. }
            | Self::TrustedDeviceRefused { .. }
            | Self::TrustedDeviceStolen { .. }
            | Self::TrustedDeviceRevoked { .. }
            | Self::StepUpRefused { .. }
            | Self::AccountErased { .. }
            | Self::Swept { .. }
            | Self::Resealed { .. }
            | Self::UpkeepFailed { .. } => None,
        }
    }

    /// Returns the reason or result as a fixed word, such as `passed`, `delayed` or `sign_count`; empty if the event
    /// says all.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.labels().reason
    }

    /// Returns the id of the enrollment, endpoint, device, outbox entry or other record concerned.
    pub(super) const fn record_id(&self) -> Option<Id> {
        match *self {
            Self::AssertionRejected { enrollment, .. }
            | Self::EnrollmentCreated { enrollment, .. }
            | Self::EnrollmentCompleted { enrollment, .. }
            | Self::EnrollmentAnswerWrong { enrollment, .. }
            | Self::EnrollmentAnswerRefused { enrollment, .. }
            | Self::EnrollmentAnswerUndecided { enrollment, .. }
            | Self::EnrollmentDeleted { enrollment, .. } => Some(enrollment.0),
            Self::EndpointRegistered { endpoint, .. }
            | Self::EndpointCodeSent { endpoint, .. }
            | Self::EndpointConfirmed { endpoint, .. }
            | Self::EndpointAnswerWrong { endpoint, .. }
            | Self::EndpointAnswerRefused { endpoint, .. }
            | Self::EndpointAnswerUndecided { endpoint, .. }
            | Self::EndpointSwitched { endpoint, .. }
            | Self::EndpointDeleted { endpoint, .. }
            | Self::EndpointTakenOver { endpoint, .. }
            | Self::EndpointGone { endpoint, .. } => Some(endpoint.0),
            Self::TrustedDeviceAdded { device, .. }
            | Self::TrustedDeviceUsed { device, .. }
            | Self::TrustedDeviceStolen { device, .. }
            | Self::TrustedDeviceRevoked { device, .. } => Some(device.0),
            Self::OutboxPerformed { entry, .. }
            | Self::OutboxRetried { entry, .. }
            | Self::OutboxDeadLettered { entry, .. }
            | Self::OutboxDropped { entry, .. }
            | Self::OutboxUnreadable { entry, .. }
            | Self::DeadLetterRetried { entry }
            | Self::DeadLetterDiscarded { entry } => Some(entry.0),
            Self::RecordUntrusted { key: Key { kind: Kind::Challenge, .. }, .. } => None,
            Self::RecordUntrusted { key, .. } => Some(key.id),
            Self::ChallengeCreated { .. }
            | Self::ChallengesCapped { .. }
            | Self::ChallengeMoved { .. }
            | Self::ChallengeDeleted { .. }
            | Self::ChallengeExhausted { .. }
            | Self::AnswerRefused { .. }
            | Self::AnswerUndecided { .. }
            | Self::SendLimited { .. }
            | Self::FactorDelayed { .. }
            | Self::FactorDisabled { .. }
            | Self::FactorReset { .. }
            | Self::AdministratorActed { .. }
            | Self::RecoveryCodeUsed { .. }
            | Self::RecoveryCodesChanged { .. }
            | Self::TrustedDeviceRefused { .. }
            | Self::StepUpGranted { .. }
            | Self::StepUpUsed { .. }
            | Self::StepUpRefused { .. }
            | Self::AccountErased { .. }
            | Self::Swept { .. }
            | Self::Resealed { .. }
            | Self::UpkeepFailed { .. } => None,
        }
    }

    /// Returns further detail for a log. The detail of an error is the message without sources, because sources may
    /// quote stored data.
    pub(super) fn detail(&self) -> Option<String> {
        match self {
            Self::AnswerUndecided { error, .. }
            | Self::EnrollmentAnswerUndecided { error, .. }
            | Self::EndpointAnswerUndecided { error, .. }
            | Self::OutboxUnreadable { error, .. }
            | Self::UpkeepFailed { error, .. } => Some(error.to_string()),
            Self::RecordUntrusted { reason, .. } => Some(reason.to_string()),
            Self::OutboxRetried { failure, .. } => Some(failure.to_string()),
            Self::OutboxDeadLettered { failure, .. } => failure.map(ToString::to_string),
            Self::SendLimited { wait, .. } => Some(format!("again in {} s", wait.as_secs())),
            Self::FactorDelayed { until, .. } => Some(format!("until {} s after the epoch", until.as_seconds())),
            Self::AdministratorActed { who, why, .. } => Some(format!("{who}: {why}")),
            Self::StepUpRefused { purpose, .. }
            | Self::TrustedDeviceUsed { purpose, .. }
            | Self::TrustedDeviceRefused { purpose, .. } => Some(format!("for {purpose}")),
            Self::RecoveryCodeUsed { left, .. } | Self::RecoveryCodesChanged { left, .. } => {
                Some(format!("{left} left"))
            }
            Self::AccountErased { records } | Self::Swept { records } => Some(records.to_string()),
            Self::Resealed { report } => Some(format!(
                "{} of {} sealed again, {} skipped, {} unreadable",
                report.resealed,
                report.looked_at,
                report.skipped,
                report.unreadable.len()
            )),
            Self::ChallengeCreated { .. }
            | Self::ChallengesCapped { .. }
            | Self::ChallengeMoved { .. }
            | Self::ChallengeDeleted { .. }
            | Self::ChallengeExhausted { .. }
            | Self::AnswerRefused { .. }
            | Self::AssertionRejected { .. }
            | Self::EnrollmentCreated { .. }
            | Self::EnrollmentCompleted { .. }
            | Self::EnrollmentAnswerWrong { .. }
            | Self::EnrollmentAnswerRefused { .. }
            | Self::EnrollmentDeleted { .. }
            | Self::EndpointRegistered { .. }
            | Self::EndpointCodeSent { .. }
            | Self::EndpointConfirmed { .. }
            | Self::EndpointAnswerWrong { .. }
            | Self::EndpointAnswerRefused { .. }
            | Self::EndpointSwitched { .. }
            | Self::EndpointDeleted { .. }
            | Self::EndpointTakenOver { .. }
            | Self::EndpointGone { .. }
            | Self::OutboxPerformed { .. }
            | Self::OutboxDropped { .. }
            | Self::DeadLetterRetried { .. }
            | Self::DeadLetterDiscarded { .. }
            | Self::FactorDisabled { .. }
            | Self::FactorReset { .. }
            | Self::TrustedDeviceAdded { .. }
            | Self::TrustedDeviceStolen { .. }
            | Self::TrustedDeviceRevoked { .. }
            | Self::StepUpGranted { .. }
            | Self::StepUpUsed { .. } => None,
        }
    }
}
