use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::wire;

/// Returns the schemas of the wire types by name.
pub(super) fn all() -> Map<String, Value> {
    let named = [
        named_schema::<wire::AnswerSubmission>(),
        named_schema::<wire::Challenge>(),
        named_schema::<wire::ChallengeAction>(),
        named_schema::<wire::ChallengeActor>(),
        named_schema::<wire::ChallengeAnswer>(),
        named_schema::<wire::ChallengeAnswerSpec>(),
        named_schema::<wire::ChallengeEndpoint>(),
        named_schema::<wire::ChallengeSpec>(),
        named_schema::<wire::ChallengeStatus>(),
        named_schema::<wire::ErrorMessage>(),
        named_schema::<wire::ListTotpEnrollmentResponse>(),
        named_schema::<wire::ListTrustedDevicesResponse>(),
        named_schema::<wire::ListWebauthnEnrollmentResponse>(),
        named_schema::<wire::MetadataWithId>(),
        named_schema::<wire::OneTimeUseActionChallenge>(),
        named_schema::<wire::OneTimeUseActionChallengeAnswerDetail>(),
        named_schema::<wire::OneTimeUseActionChallengeResponse>(),
        named_schema::<wire::OneTimeUseActionChallengeSpec>(),
        named_schema::<wire::TotpEnrollment>(),
        named_schema::<wire::TotpEnrollmentAnswer>(),
        named_schema::<wire::TotpEnrollmentSpec>(),
        named_schema::<wire::TotpEnrollmentStatus>(),
        named_schema::<wire::TrustedDevice>(),
        named_schema::<wire::TrustedDeviceSpec>(),
        named_schema::<wire::TrustedDeviceStatus>(),
        named_schema::<wire::WebauthnEnrollment>(),
        named_schema::<wire::WebauthnEnrollmentAnswer>(),
        named_schema::<wire::WebauthnEnrollmentSpec>(),
        named_schema::<wire::WebauthnEnrollmentStatus>(),
    ];
    named.into_iter().collect()
}

/// Returns the name and schema of a type, for the documents of this crate and of `challenges-pages`.
#[must_use]
pub fn named_schema<T: ToSchema>() -> (String, Value) {
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    forbid_null(&mut schema);
    (T::name().into_owned(), schema)
}

/// Removes `null` from a schema. The derive makes every `Option` nullable, but absent properties are omitted.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("oneOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(only)] = choices.as_mut_slice() {
                    let only = std::mem::take(only);
                    object.remove("oneOf");
                    object.extend(only);
                }
            }
            object.values_mut().for_each(forbid_null);
        }
        Value::Array(array) => array.iter_mut().for_each(forbid_null),
        _ => {}
    }
}
