use serde_json::{Value, json};

use crate::route::Operation;

/// The request and responses of an operation.
pub(super) struct Shape {
    pub(super) summary: &'static str,
    pub(super) query: &'static [Parameter],
    /// The schema of the request body.
    pub(super) request: Option<&'static str>,
    /// The status of success.
    pub(super) status: &'static str,
    /// The schema of the response body, or `None` for an empty body.
    pub(super) response: Option<&'static str>,
    pub(super) failures: &'static [(&'static str, &'static str)],
}

/// A query parameter, or a header.
pub(super) enum Parameter {
    Text {
        name: &'static str,
        required: bool,
    },
    Boolean {
        name: &'static str,
    },
    Limit,
    /// The header with a step-up token.
    StepUp,
}

impl Parameter {
    pub(super) fn describe(&self) -> Value {
        let (name, required, schema) = match self {
            Self::StepUp => {
                return json!({
                    "name": "Challenges-Step-Up",
                    "in": "header",
                    "required": false,
                    "schema": { "type": "string" },
                    "description": "A step-up token of the user for manage-factors. Needed with the user's own bearer token once the user has a factor",
                });
            }
            Self::Text { name, required } => (*name, *required, json!({ "type": "string" })),
            Self::Boolean { name } => (*name, true, json!({ "type": "boolean" })),
            Self::Limit => ("limit", false, json!({ "type": "integer", "minimum": 1, "maximum": 500, "default": 500 })),
        };
        json!({ "name": name, "in": "query", "required": required, "schema": schema })
    }
}

const USER: Parameter = Parameter::Text { name: "user_id", required: false };
const ANSWER: [Parameter; 5] = [
    Parameter::Text { name: "challenge_answer", required: true },
    Parameter::Boolean { name: "allowed" },
    Parameter::Text { name: "challenge_type", required: true },
    Parameter::Text { name: "challenge_uid", required: false },
    Parameter::Text { name: "number_match", required: false },
];
const ONE: [Parameter; 2] = [USER, Parameter::StepUp];
const MALFORMED: (&str, &str) = ("400", "Invalid request");
const REFUSED: (&str, &str) = ("400", "No particular reason will be given");
const FORBIDDEN: (&str, &str) =
    ("403", "The bearer token does not allow this operation, or not for this user, or not without a step-up");
const UNKNOWN: (&str, &str) = ("404", "No such id, or the id belongs to another user");

impl Shape {
    pub(super) const fn of(operation: Operation) -> Self {
        use Operation as O;
        match operation {
            O::CreateChallenge => Self::create("Create a challenge for a user", "Challenge", "Challenge"),
            O::CreateOneTimeUseAction => Self::create(
                "Create an action for one of several actors to approve or decline once",
                "OneTimeUseActionChallenge",
                "OneTimeUseActionChallengeResponse",
            ),
            O::GetChallenge => Self::read("Read a challenge", &[], "Challenge", &[UNKNOWN]),
            O::ReplaceChallenge => {
                let replace = Self::read("Replace a pending challenge", &[], "Challenge", &[MALFORMED, UNKNOWN]);
                Self { request: Some("Challenge"), ..replace }
            }
            O::DeleteChallenge => Self::delete("Delete a challenge", &[], &[UNKNOWN]),
            O::GetAnswer => {
                Self::read("Answer a challenge in the query", &ANSWER, "ChallengeAnswer", &[REFUSED, UNKNOWN])
            }
            O::PostAnswer => {
                let answer =
                    Self::read("Answer a challenge in the request body", &[], "ChallengeAnswer", &[REFUSED, UNKNOWN]);
                Self { request: Some("AnswerSubmission"), ..answer }
            }
            O::CreateTotpEnrollment => {
                let enroll = Self::create("Enroll a TOTP authenticator", "TOTPEnrollment", "TOTPEnrollment");
                Self { query: &[Parameter::StepUp], ..enroll }
            }
            O::ListTotpEnrollment => Self::read(
                "List TOTP authenticators",
                &[Parameter::Limit, USER],
                "ListTOTPEnrollmentResponse",
                &[MALFORMED, UNKNOWN],
            ),
            O::GetTotpEnrollment => Self::read("Read a TOTP authenticator", &[USER], "TOTPEnrollment", &[UNKNOWN]),
            O::UpdateTotpEnrollment => {
                let complete = Self::read(
                    "Complete a TOTP enrollment with a code of the authenticator",
                    &ONE,
                    "TOTPEnrollment",
                    &[MALFORMED, FORBIDDEN, UNKNOWN],
                );
                Self { request: Some("TOTPEnrollmentAnswer"), ..complete }
            }
            O::DeleteTotpEnrollment => {
                Self::delete("Delete a TOTP authenticator", &ONE, &[MALFORMED, FORBIDDEN, UNKNOWN])
            }
            O::CreateWebauthnEnrollment => {
                let enroll = Self::create("Enroll a WebAuthn credential", "WebAuthNEnrollment", "WebAuthNEnrollment");
                Self { query: &[Parameter::StepUp], ..enroll }
            }
            O::ListWebauthnEnrollments => Self::read(
                "List WebAuthn credentials",
                &[Parameter::Limit, USER],
                "ListWebAuthNEnrollmentResponse",
                &[MALFORMED, UNKNOWN],
            ),
            O::GetWebauthnEnrollment => {
                Self::read("Read a WebAuthn credential", &[USER], "WebAuthNEnrollment", &[UNKNOWN])
            }
            O::UpdateWebauthnEnrollment => {
                let complete = Self::read(
                    "Complete a WebAuthn enrollment",
                    &ONE,
                    "WebAuthNEnrollment",
                    &[MALFORMED, FORBIDDEN, UNKNOWN],
                );
                Self { request: Some("WebAuthNEnrollmentAnswer"), ..complete }
            }
            O::DeleteWebauthnEnrollment => {
                Self::delete("Delete a WebAuthn credential", &ONE, &[MALFORMED, FORBIDDEN, UNKNOWN])
            }
            O::ListTrustedDevices => Self::read(
                "List the trusted devices of a user",
                &[Parameter::Limit, USER],
                "ListTrustedDevicesResponse",
                &[MALFORMED, UNKNOWN],
            ),
            O::DeleteTrustedDevices => {
                Self::delete("Revoke every trusted device of a user", &ONE, &[MALFORMED, FORBIDDEN, UNKNOWN])
            }
            O::DeleteTrustedDevice => {
                Self::delete("Revoke a trusted device of a user", &ONE, &[MALFORMED, FORBIDDEN, UNKNOWN])
            }
        }
    }

    const fn create(summary: &'static str, request: &'static str, response: &'static str) -> Self {
        Self {
            summary,
            query: &[],
            request: Some(request),
            status: "201",
            response: Some(response),
            failures: &[MALFORMED, FORBIDDEN],
        }
    }

    const fn read(
        summary: &'static str,
        query: &'static [Parameter],
        response: &'static str,
        failures: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { summary, query, request: None, status: "200", response: Some(response), failures }
    }

    const fn delete(
        summary: &'static str,
        query: &'static [Parameter],
        failures: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { summary, query, request: None, status: "204", response: None, failures }
    }
}
