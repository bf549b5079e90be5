use super::Observation;
use crate::challenge_type::ChallengeTypes;
use crate::error::{Error, Rejected, StepUpRefused};
use crate::keyring::SealError;
use crate::policy::SendLimit;

/// The largest number of recovery codes left at which the user should generate new ones.
const FEW_LEFT: usize = 2;

/// The labels of an event for metrics. All are fixed words, so users cannot create new time series of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Labels {
    /// The event, such as `challenge_moved`. Never empty.
    pub event: &'static str,
    /// The type of the challenge (`several` for more than one, `one_time_use_action` for an action), enrollment or
    /// endpoint, or the factor. Empty if none.
    pub kind: &'static str,
    /// The result or reason. Empty if the event says all.
    pub reason: &'static str,
    /// `true` if an operator should look, for example at locks, possible copies of credentials and cookies, dead
    /// letters, unreadable records and failed sweeps.
    pub warning: bool,
}

impl Observation<'_> {
    /// Returns the labels of the event. The words stay stable over releases; new words may be added.
    #[must_use]
    pub fn labels(&self) -> Labels {
        let event: &'static str = self.into();
        let (kind, reason, warning) = match *self {
            Self::ChallengeCreated { types, state, .. } => (type_label(types), state.as_str(), false),
            Self::ChallengeMoved { types, outcome, .. } => (type_label(types), outcome.into(), false),
            Self::ChallengeExhausted { types, .. } => (type_label(types), "", true),
            Self::AnswerRefused { reason, .. }
            | Self::EnrollmentAnswerRefused { reason, .. }
            | Self::EndpointAnswerRefused { reason, .. } => ("", reason.into(), false),
            Self::AnswerUndecided { error, .. }
            | Self::EnrollmentAnswerUndecided { error, .. }
            | Self::EndpointAnswerUndecided { error, .. } => {
                // A missing record or grant is the caller's doing; anything else needs an operator.
                ("", error_label(error), !matches!(error, Error::NotFound | Error::Grant(_)))
            }
            Self::AssertionRejected { reason, .. } => ("webauthn", reason.into(), reason == Rejected::SignCount),
            Self::EnrollmentCreated { kind, .. }
            | Self::EnrollmentCompleted { kind, .. }
            | Self::EnrollmentDeleted { kind, .. } => (kind.as_str(), "", false),
            Self::EnrollmentAnswerWrong { kind, reason, .. } => (kind.as_str(), reason.map_or("", Into::into), false),
            Self::EndpointRegistered { channel, .. }
            | Self::EndpointCodeSent { channel, .. }
            | Self::EndpointConfirmed { channel, .. }
            | Self::EndpointAnswerWrong { channel, .. } => (channel.as_str(), "", false),
            Self::EndpointSwitched { channel, enabled, .. } => {
                (channel.as_str(), if enabled { "enabled" } else { "disabled" }, false)
            }
            Self::ChallengesCapped { .. } | Self::OutboxDeadLettered { .. } => ("", "", true),
            Self::OutboxDropped { reason, .. } => ("", reason, false),
            Self::OutboxUnreadable { error, .. } | Self::UpkeepFailed { error, .. } => ("", error_label(error), true),
            Self::RecordUntrusted { key, reason } => (key.kind.into(), seal_label(reason), true),
            Self::SendLimited { limit, .. } => ("", limit, limit == SendLimit::Total.as_str()),
            Self::FactorDelayed { factor, .. } | Self::FactorDisabled { factor, .. } => (factor.as_str(), "", true),
            Self::FactorReset { factor, .. } => (factor.as_str(), "", false),
            Self::RecoveryCodeUsed { left, .. } => ("", if left <= FEW_LEFT { "few_left" } else { "" }, false),
            Self::RecoveryCodesChanged { left, .. } => ("", if left == 0 { "deleted" } else { "generated" }, false),
            Self::TrustedDeviceRefused { reason, .. } => ("", reason.into(), false),
            Self::TrustedDeviceStolen { .. } => ("", "", true),
            Self::StepUpGranted { kind, .. } | Self::StepUpUsed { kind, .. } => (kind.as_str(), "", false),
            Self::StepUpRefused { reason, .. } => {
                ("", reason.into(), matches!(reason, StepUpRefused::UnknownKey | StepUpRefused::RetiredKey))
            }
            Self::Resealed { report } => ("", report.progress(), !report.unreadable.is_empty()),
            Self::ChallengeDeleted { .. }
            | Self::AdministratorActed { .. }
            | Self::EndpointDeleted { .. }
            | Self::EndpointTakenOver { .. }
            | Self::EndpointGone { .. }
            | Self::OutboxPerformed { .. }
            | Self::OutboxRetried { .. }
            | Self::DeadLetterRetried { .. }
            | Self::DeadLetterDiscarded { .. }
            | Self::AccountErased { .. }
            | Self::TrustedDeviceAdded { .. }
            | Self::TrustedDeviceUsed { .. }
            | Self::TrustedDeviceRevoked { .. }
            | Self::Swept { .. } => ("", "", false),
        };
        Labels { event, kind, reason, warning }
    }
}

/// Returns the only type of a challenge, or `several`.
fn type_label(types: Option<&ChallengeTypes>) -> &'static str {
    let Some(types) = types else { return "one_time_use_action" };
    let mut types = types.iter();
    let Some(first) = types.next() else { return "" };
    if types.all(|other| other == first) { first.as_str() } else { "several" }
}

const fn seal_label(error: &SealError) -> &'static str {
    match error {
        SealError::UnknownKey(_) => "unknown_key",
        SealError::RetiredKey(_) => "retired_key",
        SealError::Forged | SealError::ForgedRecord => "forged",
    }
}

const fn error_label(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "not_found",
        Error::AnswerRefused => "answer_refused",
        Error::StepUp(_) => "step_up",
        Error::Grant(_) => "grant",
        Error::Invalid(_) => "invalid",
        Error::Store(_) => "store",
        Error::Contended => "contended",
        Error::Clock => "clock",
        Error::Seal(_) => "seal",
        Error::Body(_) => "body",
        Error::Entropy(_) => "entropy",
        Error::OtherKeys(_) => "other_keys",
        Error::Forgetful => "forgetful",
        Error::Incomplete => "incomplete",
        Error::Empty => "empty",
        Error::Batch(_) => "batch",
    }
}
