use serde_json::{Value, json};

use crate::route::Operation;

/// What goes into an operation and what comes out of it.
pub(super) struct Shape {
    pub(super) summary: &'static str,
    pub(super) query: &'static [Parameter],
    /// The schema of the body.
    pub(super) request: Option<&'static str>,
    /// The status of success.
    pub(super) status: &'static str,
    /// The schema of the response, where it has content.
    pub(super) response: Option<&'static str>,
    pub(super) failures: &'static [(&'static str, &'static str)],
}

/// A query parameter.
pub(super) enum Parameter {
    Text { name: &'static str, required: bool },
    Boolean { name: &'static str },
    Limit,
}

impl Parameter {
    pub(super) fn describe(&self) -> Value {
        let (name, required, schema) = match self {
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
const MALFORMED: (&str, &str) = ("400", "The request cannot be carried out as it stands");
const REFUSED: (&str, &str) = ("400", "No particular reason will be given");
const FORBIDDEN: (&str, &str) = ("403", "The caller may not do this, or not for this user");
const UNKNOWN: (&str, &str) = ("404", "There is nothing of this id");

impl Shape {
    pub(super) const fn of(operation: Operation) -> Self {
        use Operation as O;
        match operation {
            O::CreateChallenge => Self::create("Challenge a user", "Challenge", "Challenge"),
            O::CreateOneTimeUseAction => Self::create(
                "Create an action that one of some actors approves or declines, once",
                "OneTimeUseActionChallenge",
                "OneTimeUseActionChallengeResponse",
            ),
            O::GetChallenge => Self::read("Read a challenge", &[], "Challenge", &[UNKNOWN]),
            O::ReplaceChallenge => {
                let replace = Self::read("Replace a pending challenge", &[], "Challenge", &[MALFORMED, UNKNOWN]);
                Self { request: Some("Challenge"), ..replace }
            }
            O::DeleteChallenge => Self::delete("Delete a challenge", &[], &[UNKNOWN]),
            O::GetAnswer => Self::read("Answer a challenge", &ANSWER, "ChallengeAnswer", &[REFUSED, UNKNOWN]),
            O::PostAnswer => {
                let answer = Self::read("Answer a challenge, in a body", &[], "ChallengeAnswer", &[REFUSED, UNKNOWN]);
                Self { request: Some("AnswerSubmission"), ..answer }
            }
            O::CreateTotpEnrollment => Self::create("Enroll an authenticator", "TOTPEnrollment", "TOTPEnrollment"),
            O::ListTotpEnrollment => Self::read(
                "List the authenticators of a user",
                &[Parameter::Limit, USER],
                "ListTOTPEnrollmentResponse",
                &[MALFORMED, UNKNOWN],
            ),
            O::GetTotpEnrollment => Self::read("Read an authenticator", &[USER], "TOTPEnrollment", &[UNKNOWN]),
            O::UpdateTotpEnrollment => {
                let complete = Self::read(
                    "Complete an enrollment with a code of the authenticator",
                    &[USER],
                    "TOTPEnrollment",
                    &[MALFORMED, FORBIDDEN, UNKNOWN],
                );
                Self { request: Some("TOTPEnrollmentAnswer"), ..complete }
            }
            O::DeleteTotpEnrollment => Self::delete("Delete an authenticator", &[USER], &[FORBIDDEN, UNKNOWN]),
            O::CreateWebauthnEnrollment => {
                Self::create("Enroll a WebAuthn credential", "WebAuthNEnrollment", "WebAuthNEnrollment")
            }
            O::ListWebauthnEnrollments => Self::read(
                "List the WebAuthn credentials of a user",
                &[Parameter::Limit, USER],
                "ListWebAuthNEnrollmentResponse",
                &[MALFORMED, UNKNOWN],
            ),
            O::GetWebauthnEnrollment => {
                Self::read("Read a WebAuthn credential", &[USER], "WebAuthNEnrollment", &[UNKNOWN])
            }
            O::UpdateWebauthnEnrollment => {
                let complete = Self::read(
                    "Complete the enrollment of a WebAuthn credential",
                    &[USER],
                    "WebAuthNEnrollment",
                    &[MALFORMED, FORBIDDEN, UNKNOWN],
                );
                Self { request: Some("WebAuthNEnrollmentAnswer"), ..complete }
            }
            O::DeleteWebauthnEnrollment => Self::delete("Delete a WebAuthn credential", &[USER], &[FORBIDDEN, UNKNOWN]),
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
