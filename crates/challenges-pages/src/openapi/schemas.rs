use challenges_http::named_schema;
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
        named_schema::<answer::Answered>(),
        named_schema::<answer::Choice>(),
        named_schema::<answer::Link>(),
        named_schema::<answer::Question>(),
        named_schema::<answer::Submitted>(),
        named_schema::<data::Activity>(),
        named_schema::<data::Added>(),
        named_schema::<data::AddressForm>(),
        named_schema::<data::AddressItem>(),
        named_schema::<data::Browsers>(),
        named_schema::<data::CreatedCredential>(),
        named_schema::<data::DeviceItem>(),
        named_schema::<data::EmailForm>(),
        named_schema::<data::Event>(),
        named_schema::<data::FormErrorBody>(),
        named_schema::<data::GeneratedCodes>(),
        named_schema::<data::LockItem>(),
        named_schema::<data::NewPasskey>(),
        named_schema::<data::Overview>(),
        named_schema::<data::PasskeyIntro>(),
        named_schema::<data::PasskeyItem>(),
        named_schema::<data::PasskeyName>(),
        named_schema::<data::PhoneForm>(),
        named_schema::<data::RecoveryCodes>(),
        named_schema::<data::Removal>(),
        named_schema::<data::Rename>(),
        named_schema::<data::Subscribed>(),
        named_schema::<data::TotpCode>(),
        named_schema::<data::TotpIntro>(),
        named_schema::<data::TotpItem>(),
        named_schema::<data::TotpKey>(),
        named_schema::<data::TypedCode>(),
        named_schema::<data::TypedEmail>(),
        named_schema::<data::TypedPhone>(),
        named_schema::<ErrorMessage>(),
        named_schema::<Left>(),
        named_schema::<factor::CodeForm>(),
        named_schema::<factor::FactorPage>(),
        named_schema::<factor::Messages>(),
        named_schema::<factor::PasskeyForm>(),
        named_schema::<factor::StatePage>(),
        named_schema::<factor::Way>(),
    ];
    named.into_iter().collect()
}
