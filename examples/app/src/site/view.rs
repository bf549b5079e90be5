//! What the scripts are told of enrollments and challenges.

use challenges_core::{Challenge, ChallengeType, EnrollmentState, State, Timestamp, TotpEnrollment};
use serde::Serialize;

/// Where a user's things stand. Times are milliseconds since the epoch.
#[derive(Serialize)]
pub(super) struct StateView {
    pub(super) now: u64,
    pub(super) enrollments: Vec<EnrollmentView>,
    /// The newest first.
    pub(super) challenges: Vec<ChallengeView>,
}

#[derive(Serialize)]
pub(super) struct EnrollmentView {
    id: String,
    state: &'static str,
    text: &'static str,
    created: u64,
}

#[derive(Serialize)]
pub(super) struct ChallengeView {
    id: String,
    kind: &'static str,
    kind_text: &'static str,
    state: &'static str,
    text: &'static str,
    created: u64,
    expires: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<u64>,
}

impl EnrollmentView {
    pub(super) fn new(enrollment: &TotpEnrollment) -> Self {
        Self {
            id: enrollment.id().to_string(),
            state: enrollment.state().as_str(),
            text: match enrollment.state() {
                EnrollmentState::Pending => "Waiting for its first code",
                EnrollmentState::Success => "Ready",
            },
            created: enrollment.created().as_millis(),
        }
    }
}

impl ChallengeView {
    pub(super) fn new(challenge: &Challenge, now: Timestamp) -> Self {
        let kind = challenge.types().iter().next();
        let state = challenge.state_at(now);
        Self {
            id: challenge.id().to_string(),
            kind: kind.map_or("", ChallengeType::as_str),
            kind_text: kind.map_or("Challenge", kind_text),
            state: state.as_str(),
            text: state_text(challenge, state),
            created: challenge.created().as_millis(),
            expires: challenge.expires().as_millis(),
            answered: challenge.answered_at().map(Timestamp::as_millis),
        }
    }
}

/// Where a challenge stands, for people.
pub(crate) fn state_text(challenge: &Challenge, state: State) -> &'static str {
    match state {
        State::Pending => "Not sent yet",
        State::Issued => "Waiting for an answer",
        State::ChallengeFailed => "No way to answer",
        State::ChallengePassed if challenge.types().offer(ChallengeType::Totp) => "Passed",
        State::ChallengePassed => "Approved",
        State::ChallengeDeclined => "Declined",
        State::TimedOut => "Timed out",
    }
}

const fn kind_text(kind: ChallengeType) -> &'static str {
    match kind {
        ChallengeType::Totp => "Step-up by authenticator app",
        ChallengeType::Code => "Approval by link",
        ChallengeType::Sms => "Text message",
        ChallengeType::WebPush => "Push message",
        ChallengeType::Webauthn => "Security key or passkey",
        ChallengeType::OneTimeUseAction => "One-time action",
        _ => "Challenge",
    }
}
