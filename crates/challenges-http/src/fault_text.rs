use challenges_core::store::StoreError;
use challenges_core::{Error, Invalid};

/// The `error_message` of an error whose details the caller must not see.
pub(crate) const INTERNAL: &str = "internal error; see the log of the service";

/// Returns the `error_message` of an error of the service, in the JSON names of the caller.
pub(crate) fn of(error: &Error) -> String {
    match error {
        Error::AnswerRefused => "No particular reason will be given".to_owned(),
        Error::NotFound => "not found: no such id, or the id belongs to another user".to_owned(),
        Error::StepUp(refused) => refused.to_string(),
        // The reason goes to the observer only.
        Error::Grant(_) => {
            "changing the factors of this user needs a step-up: pass a challenge for manage-factors; this API takes the token in the header Challenges-Step-Up".to_owned()
        }
        Error::Invalid(invalid) => of_invalid(invalid),
        Error::Contended => "too many concurrent requests for this record; try again".to_owned(),
        Error::Store(StoreError::Full(_)) => "the store is full; delete records or ask the operator".to_owned(),
        Error::Store(StoreError::OutcomeUnknown(_)) => {
            "outcome unknown: the change may have been made; read the record before you retry".to_owned()
        }
        Error::Store(StoreError::Unavailable(_)) => "the store is not available; try again later".to_owned(),
        _ => INTERNAL.to_owned(),
    }
}

fn of_invalid(invalid: &Invalid) -> String {
    let text = match invalid {
        Invalid::Timeout { max } => return format!("timeout_seconds must be 1 to {max}"),
        Invalid::AnswerDataTooLarge { max } => return format!("answer_data must be at most {max} bytes"),
        Invalid::AnswerDataTooDeep { max } => return format!("answer_data must be nested at most {max} levels deep"),
        Invalid::TooMany { field, max } => return format!("at most {max} {} are allowed", capped(field)),
        Invalid::TooManyMessages { wait } => {
            return format!("message rate limit of this user reached; try again in {wait} seconds");
        }
        Invalid::Registration(rejected) => return format!("registration refused: {rejected}"),
        Invalid::Name => "user_id and org_id must be 1 to 255 bytes (org_id may be empty) without control characters",
        Invalid::NoTypes => "challenge_type or challenge_types is required",
        Invalid::UnknownType => "unknown challenge_type; use sms, web_push, totp, webauthn or code",
        Invalid::ResponseUri => {
            "response_uri must be an absolute http:// or https:// URI of at most 2048 ASCII characters, without user name, spaces or backslashes"
        }
        Invalid::ResponseOrigin => "the origin of response_uri is not allowed by this service",
        Invalid::NoAnswerPage => "response_uri is required for sms and web_push: the page where the user answers",
        Invalid::Origin => {
            "origin must be scheme://host or scheme://host:port in lower case, with http or https and without a path"
        }
        Invalid::AnswerData => "answer_data must be a JSON object",
        Invalid::NumberMatchTypes => "number_match requires sms or web_push in challenge_types",
        Invalid::NumberMatchLate => "number_match must be set when the challenge is created",
        Invalid::EmptyEndpoint => "each element of challenge_endpoints must have endpoint or type",
        Invalid::UnknownEndpoint => "challenge_endpoints has an endpoint that this user does not have for that type",
        Invalid::WebauthnEndpoint => {
            "challenge_endpoints must have at least one webauthn enrollment for a webauthn challenge"
        }
        Invalid::NoActors => "actors must not be empty",
        Invalid::RepeatedActor => "actors has a duplicate; list each user_id and org_id once",
        Invalid::Action => {
            "an action needs challenge_action_type http_action or HTTPChallengeAction, method (1 to 128 letters or digits) and uri (http:// or https://, at most 1024 characters); body may have 1 to 250000 characters, content_type 1 to 256, and each of scopes 1 to 511"
        }
        Invalid::NotReplaceable => "a one-time-use action cannot be changed; delete it and create another",
        Invalid::EnrollmentClosed => "this enrollment is completed or expired; create another",
        Invalid::EnrollmentAnswer => "wrong answer; send the next code of the authenticator",
        Invalid::WebauthnUnavailable => "this service does not support webauthn; use another challenge_type",
        Invalid::EnrollmentNote => "attestation_format must be at most 255 bytes and http_endpoint at most 2048 bytes",
        Invalid::RelyingParty => {
            "relying_party_id must be a domain that this service serves, in lower case, such as example.org"
        }
        Invalid::UserVerification => "user_verification must be required, preferred or discouraged",
        Invalid::AttestationConveyance => "attestation_conveyance must be none, indirect or direct",
        Invalid::AttestationRequired => {
            "this service requires attestation; omit attestation_conveyance or set it to direct"
        }
        Invalid::CredentialId => "credential_id must be 1 to 1023 bytes in base64 or base64url",
        Invalid::UserHandle => "user_handle must be 1 to 64 bytes in base64 or base64url",
        Invalid::RegistrationResponse => {
            "credential_id, client_data (clientDataJSON) and authenticator_data (attestationObject) are required, in base64 or base64url"
        }
        Invalid::CredentialTaken => "this credential is registered already; use another authenticator",
        Invalid::RelyingPartyOrigin => {
            "origin is not accepted for the relying_party_id of each webauthn enrollment in challenge_endpoints"
        }
        Invalid::SeveralRelyingParties => {
            "challenge_endpoints has webauthn enrollments with different relying_party_id; use one, or set origin"
        }
        Invalid::Limit => "limit must be 1 to 500",
        Invalid::LastFactor => "this is the last factor of the user; enroll another one first",
        _ => return invalid.to_string(),
    };
    text.to_owned()
}

fn capped(field: &str) -> &str {
    match field {
        "open_challenges" => "open challenges per user",
        "actions" => "actions in approved_actions or declined_actions",
        "dispatch.actions_per_user" => "actions of a user within a day or as configured",
        "enrollments" => "enrollments of one kind per user",
        "endpoints" => "endpoints of a type per user",
        _ => field,
    }
}
