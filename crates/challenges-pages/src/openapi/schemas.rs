use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::account::data;
use crate::answer;

/// The error of a request that cannot be served.
#[derive(Serialize, ToSchema)]
struct ErrorMessage {
    /// The name of the error, for programs.
    error_code: String,
    /// A description of the error and its remedy.
    error_message: String,
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
            object.values_mut().for_each(forbid_null);
        }
        Value::Array(array) => array.iter_mut().for_each(forbid_null),
        _ => {}
    }
}
