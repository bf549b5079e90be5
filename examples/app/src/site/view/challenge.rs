use challenges_core::{Challenge, ChallengeType, State, Timestamp};
use serde::Serialize;

/// The name of one-time-use actions in the API, which have no [`ChallengeType`].
pub(crate) const ONE_TIME_USE_ACTION: &str = "one_time_use_action";

#[derive(Serialize)]
pub(in crate::site) struct ChallengeView {
    id: String,
    types: Vec<&'static str>,
    kind_text: &'static str,
    state: &'static str,
    text: &'static str,
    created: u64,
    expires: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<u64>,
}

impl ChallengeView {
    pub(in crate::site) fn new(challenge: &Challenge, now: Timestamp) -> Self {
        let state = challenge.state_at(now);
        Self {
            id: challenge.id().to_string(),
            types: type_names(challenge),
            kind_text: kind_text(challenge),
            state: state.as_str(),
            text: state_text(challenge, state),
            created: challenge.created().as_millis(),
            expires: challenge.expires().as_millis(),
            answered: challenge.answered_at().map(Timestamp::as_millis),
        }
    }
}

/// Returns the state of a challenge as text for the user.
pub(crate) fn state_text(challenge: &Challenge, state: State) -> &'static str {
    match state {
        State::Pending => "Not sent yet",
        State::Issued => "Waiting for an answer",
        State::ChallengeFailed => "No way to answer",
        State::ChallengePassed if is_step_up(challenge) => "Passed",
        State::ChallengePassed => "Approved",
        State::ChallengeDeclined => "Declined",
        State::TimedOut => "Timed out",
    }
}

fn is_step_up(challenge: &Challenge) -> bool {
    let factors = [ChallengeType::Totp, ChallengeType::Webauthn];
    challenge.types().is_some_and(|types| types.iter().any(|kind| factors.contains(&kind)))
}

fn type_names(challenge: &Challenge) -> Vec<&'static str> {
    match challenge.types() {
        Some(types) => types.iter().map(ChallengeType::as_str).collect(),
        None => vec![ONE_TIME_USE_ACTION],
    }
}

fn kind_text(challenge: &Challenge) -> &'static str {
    let Some(types) = challenge.types() else { return "One-time action" };
    let offers = |kind| types.contains(kind);
    match (offers(ChallengeType::Totp), offers(ChallengeType::Webauthn)) {
        (true, true) => "Step-up by app or passkey",
        (true, false) => "Step-up by authenticator app",
        (false, true) => "Step-up by passkey",
        (false, false) if offers(ChallengeType::Code) => "Approval by link",
        (false, false) if offers(ChallengeType::Sms) && offers(ChallengeType::WebPush) => "Approval by message",
        (false, false) if offers(ChallengeType::Sms) => "Text message",
        (false, false) if offers(ChallengeType::WebPush) => "Push message",
        (false, false) if offers(ChallengeType::Email) => "E-mail",
        (false, false) => "Challenge",
    }
}
