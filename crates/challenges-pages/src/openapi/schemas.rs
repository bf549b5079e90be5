use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::account::data;
use crate::answer;
use crate::factor::data as factor;

/// The error of a request that cannot be served.
#[derive(Serialize, ToSchema)]
struct ErrorMessage {
    /// The name of the error, for programs.
    error_code: String,
    /// A description of the error and its remedy.
    error_message: String,
}

/// The end of a page.
#[derive(Serialize, ToSchema)]
struct Left {
    /// The path of the application to go to. Absent if the page asks again: read the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

/// Returns the schemas of the data by name.
pub(super) fn all() -> Map<String, Value> {
    let named = [
        of::<answer::Answered>(),
        of::<answer::Choice>(),
        of::<answer::Link>(),
        of::<answer::Question>(),
        of::<answer::Submitted>(),
        of::<data::Activity>(),
        of::<data::Added>(),
        of::<data::AddressForm>(),
        of::<data::AddressItem>(),
        of::<data::Browsers>(),
        of::<data::CreatedCredential>(),
        of::<data::DeviceItem>(),
        of::<data::EmailForm>(),
        of::<data::Event>(),
        of::<data::FormErrorBody>(),
        of::<data::GeneratedCodes>(),
        of::<data::LockItem>(),
        of::<data::NewPasskey>(),
        of::<data::Overview>(),
        of::<data::PasskeyIntro>(),
        of::<data::PasskeyItem>(),
        of::<data::PasskeyName>(),
        of::<data::PhoneForm>(),
        of::<data::RecoveryCodes>(),
        of::<data::Removal>(),
        of::<data::Rename>(),
        of::<data::Subscribed>(),
        of::<data::TotpCode>(),
        of::<data::TotpIntro>(),
        of::<data::TotpItem>(),
        of::<data::TotpKey>(),
        of::<data::TypedCode>(),
        of::<data::TypedEmail>(),
        of::<data::TypedPhone>(),
        of::<ErrorMessage>(),
        of::<Left>(),
        of::<factor::CodeForm>(),
        of::<factor::FactorPage>(),
        of::<factor::Messages>(),
        of::<factor::PasskeyForm>(),
        of::<factor::StatePage>(),
        of::<factor::Way>(),
    ];
    named.into_iter().collect()
}

fn of<T: ToSchema>() -> (String, Value) {
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    forbid_null(&mut schema);
    (T::name().into_owned(), schema)
}

/// Removes `null` from a schema. The derive makes every `Option` nullable, but the pages omit absent members.
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
