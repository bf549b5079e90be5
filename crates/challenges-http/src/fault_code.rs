use challenges_core::store::StoreError;
use challenges_core::{Error, Invalid};

/// Returns the `error_code` of an error of the service.
pub(crate) const fn of(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "not_found",
        Error::AnswerRefused => "answer_refused",
        Error::StepUp(_) | Error::Grant(_) => "step_up_needed",
        Error::Invalid(invalid) => of_invalid(invalid),
        Error::Store(StoreError::Full(_)) => "store_full",
        Error::Store(StoreError::Unavailable(_)) => "store_unavailable",
        Error::Store(StoreError::OutcomeUnknown(_)) => "outcome_unknown",
        Error::Contended => "contended",
        _ => "internal_error",
    }
}

const fn of_invalid(invalid: &Invalid) -> &'static str {
    match invalid {
        Invalid::Name => "malformed_name",
        Invalid::Purpose => "malformed_purpose",
        Invalid::Description => "malformed_description",
        Invalid::LastFactor => "last_factor",
        Invalid::NoPurpose => "challenge_without_purpose",
        Invalid::NoTypes => "no_challenge_type",
        Invalid::UnknownType => "unknown_challenge_type",
        Invalid::Timeout { .. } => "timeout_out_of_range",
        Invalid::ResponseUri => "malformed_response_uri",
        Invalid::ResponseOrigin => "response_origin_not_allowed",
        Invalid::Origin => "malformed_origin",
        Invalid::AnswerData => "malformed_answer_data",
        Invalid::AnswerDataTooLarge { .. } => "answer_data_too_large",
        Invalid::AnswerDataTooDeep { .. } => "answer_data_too_deep",
        Invalid::EmptyEndpoint => "empty_endpoint",
        Invalid::UnknownEndpoint => "unknown_endpoint",
        Invalid::WebauthnEndpoint => "webauthn_endpoint_required",
        Invalid::TooMany { .. } => "too_many",
        Invalid::NoActors => "no_actors",
        Invalid::RepeatedActor => "repeated_actor",
        Invalid::Action => "malformed_action",
        Invalid::NotReplaceable => "not_replaceable",
        Invalid::CreatorOnly => "creator_only",
        Invalid::EnrollmentClosed => "enrollment_closed",
        Invalid::EnrollmentAnswer => "wrong_enrollment_answer",
        Invalid::WebauthnUnavailable => "webauthn_unavailable",
        Invalid::RelyingParty => "relying_party_not_served",
        Invalid::RelyingPartyOrigin => "origin_of_another_relying_party",
        Invalid::UserVerification => "malformed_user_verification",
        Invalid::AttestationConveyance => "malformed_attestation_conveyance",
        Invalid::AttestationRequired => "attestation_required",
        Invalid::CredentialId => "malformed_credential_id",
        Invalid::UserHandle => "malformed_user_handle",
        Invalid::RegistrationResponse => "malformed_registration",
        Invalid::Registration(_) => "registration_refused",
        Invalid::CredentialTaken => "credential_taken",
        Invalid::EnrollmentNote => "enrollment_note_too_long",
        Invalid::NoAnswerPage => "response_uri_required",
        Invalid::TooManyMessages { .. } => "too_many_messages",
        Invalid::NumberMatchTypes => "number_match_types",
        Invalid::NumberMatchLate => "number_match_too_late",
        Invalid::Limit => "limit_out_of_range",
        _ => "invalid_request",
    }
}
