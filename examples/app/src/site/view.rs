//! The JSON of enrollments and challenges for the scripts.

use challenges_core::webauthn::{Credential, Transport};
use challenges_core::{Challenge, ChallengeType, EnrollmentState, State, Timestamp};
use challenges_core::endpoints::{Address, Endpoint, PushSubscription};
use challenges_core::totp::TotpEnrollment;
use challenges_core::webauthn::WebauthnEnrollment;
use serde::Serialize;
use url::Url;

/// The state of a user's account. Times are in milliseconds since the epoch.
#[derive(Serialize)]
pub(super) struct StateView {
    pub(super) now: u64,
    pub(super) enrollments: Vec<EnrollmentView>,
    pub(super) passkeys: Vec<PasskeyView>,
    pub(super) endpoints: Vec<EndpointView>,
    /// Challenges, newest first.
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
pub(super) struct PasskeyView {
    id: String,
    state: &'static str,
    name: String,
    text: String,
    created: u64,
    updated: u64,
}

#[derive(Serialize)]
pub(super) struct EndpointView {
    id: String,
    state: &'static str,
    name: String,
    text: &'static str,
    created: u64,
}

#[derive(Serialize)]
pub(super) struct ChallengeView {
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

impl EnrollmentView {
    pub(super) fn new(enrollment: &TotpEnrollment) -> Self {
        Self {
            id: enrollment.id().to_string(),
            state: enrollment.state().as_str(),
            text: match enrollment.state() {
                EnrollmentState::Pending => "Waiting for the first code",
                EnrollmentState::Success => "Ready",
            },
            created: enrollment.created().as_millis(),
        }
    }
}

impl PasskeyView {
    pub(super) fn new(passkey: &WebauthnEnrollment) -> Self {
        let name = passkey.name().unwrap_or_else(|| unnamed(passkey.credential()));
        Self {
            id: passkey.id().to_string(),
            state: passkey.state().as_str(),
            name: name.to_owned(),
            text: passkey.credential().map_or_else(|| "Not finished".to_owned(), passkey_text),
            created: passkey.created().as_millis(),
            updated: passkey.updated().as_millis(),
        }
    }
}

impl EndpointView {
    pub(super) fn new(endpoint: &Endpoint, address: &Address) -> Self {
        let (state, text) = match (endpoint.is_confirmed(), endpoint.is_enabled()) {
            (false, _) => ("pending", "Waiting for the code in the text message"),
            (true, false) => ("disabled", "Disabled"),
            (true, true) => ("ready", "Ready"),
        };
        let name = match address {
            Address::Phone(number) => number.as_str().to_owned(),
            Address::Push(subscription) => format!("Browser, by {}", push_service(subscription)),
            _ => "Unknown".to_owned(),
        };
        Self { id: endpoint.id().to_string(), state, name, text, created: endpoint.created().as_millis() }
    }
}

fn push_service(subscription: &PushSubscription) -> String {
    let url = Url::parse(subscription.endpoint()).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

impl ChallengeView {
    pub(super) fn new(challenge: &Challenge, now: Timestamp) -> Self {
        let state = challenge.state_at(now);
        Self {
            id: challenge.id().to_string(),
            types: challenge.types().iter().map(ChallengeType::as_str).collect(),
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
        State::ChallengePassed if challenge.types().iter().any(is_step_up) => "Passed",
        State::ChallengePassed => "Approved",
        State::ChallengeDeclined => "Declined",
        State::TimedOut => "Timed out",
    }
}

const fn is_step_up(kind: ChallengeType) -> bool {
    matches!(kind, ChallengeType::Totp | ChallengeType::Webauthn)
}

/// Returns the default name of a passkey.
fn unnamed(credential: Option<&Credential>) -> &'static str {
    let is_security_key = |credential: &Credential| {
        let own = [Transport::Internal, Transport::Hybrid];
        !credential.backup_eligible && !credential.transports.iter().any(|transport| own.contains(transport))
    };
    if credential.is_some_and(is_security_key) { "Security key" } else { "Passkey" }
}

fn passkey_text(credential: &Credential) -> String {
    let verified = match credential.user_verified {
        true => "Verifies your identity: two factors in one",
        false => "Does not verify your identity: one factor",
    };
    let backup = match (credential.backup_eligible, credential.backed_up) {
        (false, _) => "never leaves its device",
        (true, false) => "not backed up yet",
        (true, true) => "backed up",
    };
    format!("{verified}; {backup}")
}

fn kind_text(challenge: &Challenge) -> &'static str {
    let offers = |kind| challenge.types().contains(kind);
    match (offers(ChallengeType::Totp), offers(ChallengeType::Webauthn)) {
        (true, true) => "Step-up by app or passkey",
        (true, false) => "Step-up by authenticator app",
        (false, true) => "Step-up by passkey",
        (false, false) if offers(ChallengeType::Code) => "Approval by link",
        (false, false) if offers(ChallengeType::Sms) && offers(ChallengeType::WebPush) => "Approval by message",
        (false, false) if offers(ChallengeType::Sms) => "Text message",
        (false, false) if offers(ChallengeType::WebPush) => "Push message",
        (false, false) if offers(ChallengeType::OneTimeUseAction) => "One-time action",
        (false, false) => "Challenge",
    }
}
