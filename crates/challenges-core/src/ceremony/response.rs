mod authentication;
mod registration;

pub use authentication::AuthenticationResponse;
pub use registration::RegistrationResponse;

use std::borrow::Cow;

use serde::Deserialize;

use super::credential::CredentialId;
use super::encoding::decode_base64;

/// The JSON form of a `PublicKeyCredential` (Web Authentication Level 3, sections 5.1.8 and 5.1.9).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialJson<'a, R> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    raw_id: Cow<'a, str>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    response: R,
}

impl<R> CredentialJson<'_, R> {
    fn credential_id(&self) -> Option<CredentialId> {
        // Compared as bytes, since some password managers pad only one of the two.
        let (id, raw_id) = (decode_base64(&self.id)?, decode_base64(&self.raw_id)?);
        if id == raw_id && self.r#type == "public-key" { id.try_into().ok() } else { None }
    }
}

fn credential_id(text: &str) -> Option<CredentialId> {
    decode_base64(text)?.try_into().ok()
}
