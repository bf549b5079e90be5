use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::wire;

/// Returns the schemas of the wire types by name.
pub(super) fn all() -> Map<String, Value> {
    let named = [
        of::<wire::AnswerSubmission>(),
        of::<wire::Challenge>(),
        of::<wire::ChallengeAction>(),
        of::<wire::ChallengeActor>(),
        of::<wire::ChallengeAnswer>(),
        of::<wire::ChallengeAnswerSpec>(),
        of::<wire::ChallengeEndpoint>(),
        of::<wire::ChallengeSpec>(),
        of::<wire::ChallengeStatus>(),
        of::<wire::ErrorMessage>(),
        of::<wire::ListTotpEnrollmentResponse>(),
        of::<wire::ListWebauthnEnrollmentResponse>(),
        of::<wire::MetadataWithId>(),
        of::<wire::OneTimeUseActionChallenge>(),
        of::<wire::OneTimeUseActionChallengeAnswerDetail>(),
        of::<wire::OneTimeUseActionChallengeResponse>(),
        of::<wire::OneTimeUseActionChallengeSpec>(),
        of::<wire::TotpEnrollment>(),
        of::<wire::TotpEnrollmentAnswer>(),
        of::<wire::TotpEnrollmentSpec>(),
        of::<wire::TotpEnrollmentStatus>(),
        of::<wire::WebauthnEnrollment>(),
        of::<wire::WebauthnEnrollmentAnswer>(),
        of::<wire::WebauthnEnrollmentSpec>(),
        of::<wire::WebauthnEnrollmentStatus>(),
    ];
    named.into_iter().collect()
}

fn of<T: ToSchema>() -> (String, Value) {
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    forbid_null(&mut schema);
    (T::name().into_owned(), schema)
}

/// Removes `null` from a schema. The derive makes every `Option` nullable, but the API omits absent properties.
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
