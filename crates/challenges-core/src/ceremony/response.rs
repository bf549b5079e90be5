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
        let is_consistent = self.id == self.raw_id && self.r#type == "public-key";
        is_consistent.then(|| credential_id(&self.id)).flatten()
    }
}

fn credential_id(text: &str) -> Option<CredentialId> {
    decode_base64(text)?.try_into().ok()
}
