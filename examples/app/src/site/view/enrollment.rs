use challenges_core::totp::TotpEnrollment;
use challenges_core::webauthn::{Credential, Transport, WebauthnEnrollment};
use serde::Serialize;

/// An authenticator app.
#[derive(Serialize)]
pub(in crate::site) struct EnrollmentView {
    id: String,
    completed: bool,
    text: &'static str,
    created: u64,
}

#[derive(Serialize)]
pub(in crate::site) struct PasskeyView {
    id: String,
    completed: bool,
    name: String,
    text: String,
    created: u64,
    updated: u64,
}

impl EnrollmentView {
    pub(in crate::site) fn new(enrollment: &TotpEnrollment) -> Self {
        Self {
            id: enrollment.id().to_string(),
            completed: enrollment.is_completed(),
            text: match enrollment.is_completed() {
                false => "Waiting for the first code",
                true => "Ready",
            },
            created: enrollment.created().as_millis(),
        }
    }
}

impl PasskeyView {
    pub(in crate::site) fn new(passkey: &WebauthnEnrollment) -> Self {
        let name = passkey.name().unwrap_or_else(|| default_name(passkey.credential()));
        Self {
            id: passkey.id().to_string(),
            completed: passkey.is_completed(),
            name: name.to_owned(),
            text: passkey.credential().map_or_else(|| "Not finished".to_owned(), passkey_text),
            created: passkey.created().as_millis(),
            updated: passkey.updated().as_millis(),
        }
    }
}

fn default_name(credential: Option<&Credential>) -> &'static str {
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
