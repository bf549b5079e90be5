use std::borrow::Cow;
use std::str::FromStr;

use serde::Deserialize;

use super::{CredentialJson, credential_id};
use crate::ceremony::credential::CredentialId;
use crate::ceremony::encoding::decode_base64;
use crate::error::Invalid;

/// The response of a browser to request options: an assertion.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests and fuzz targets build this struct")]
pub struct AuthenticationResponse {
    /// The id of the credential.
    pub credential_id: CredentialId,
    /// The clientDataJSON (Web Authentication Level 3, section 5.8.1), byte for byte.
    pub client_data: Vec<u8>,
    /// The authenticator data (section 6.1), byte for byte.
    pub authenticator_data: Vec<u8>,
    /// The signature over the authenticator data and the client data.
    pub signature: Vec<u8>,
    /// The user handle of the credential, if returned by the authenticator.
    pub user_handle: Option<Vec<u8>>,
}

/// The parts of an assertion, under the names of WebAuthn or of the API.
#[derive(Deserialize)]
struct AssertionJson<'a> {
    #[serde(borrow, rename = "clientDataJSON", alias = "client_data")]
    client_data: Cow<'a, str>,
    #[serde(borrow, rename = "authenticatorData", alias = "authenticator_data")]
    authenticator_data: Cow<'a, str>,
    #[serde(borrow)]
    signature: Cow<'a, str>,
    #[serde(borrow, default, rename = "userHandle", alias = "user_handle")]
    user_handle: Option<Cow<'a, str>>,
}

/// The mark of the API's form: a credential id beside the parts.
#[derive(Deserialize)]
struct ApiForm<'a> {
    #[serde(borrow)]
    credential_id: Option<Cow<'a, str>>,
}

impl FromStr for AuthenticationResponse {
    type Err = Invalid;

    /// Parses an answer in any form of the API: the parts of the assertion, or the result of `credential.toJSON()`
    /// (Web Authentication Level 3, section 5.1.8). Either is JSON, or base64url of JSON.
    fn from_str(answer: &str) -> Result<Self, Invalid> {
        let parsed = if answer.trim_start().starts_with('{') { from_json(answer) } else { from_base64(answer) };
        parsed.ok_or(Invalid::AuthenticationResponse)
    }
}

fn from_base64(answer: &str) -> Option<AuthenticationResponse> {
    from_json(std::str::from_utf8(&decode_base64(answer)?).ok()?)
}

fn from_json(json: &str) -> Option<AuthenticationResponse> {
    let form: ApiForm<'_> = serde_json::from_str(json).ok()?;
    let (credential_id, parts) = match form.credential_id.filter(|id| !id.is_empty()) {
        Some(id) => (credential_id(&id)?, serde_json::from_str::<AssertionJson<'_>>(json).ok()?),
        None => {
            let parsed: CredentialJson<'_, AssertionJson<'_>> = serde_json::from_str(json).ok()?;
            (parsed.credential_id()?, parsed.response)
        }
    };
    Some(AuthenticationResponse {
        credential_id,
        client_data: decode_base64(&parts.client_data)?,
        authenticator_data: decode_base64(&parts.authenticator_data)?,
        signature: decode_base64(&parts.signature)?,
        user_handle: match parts.user_handle {
            // Authenticators without a user handle return an empty one.
            Some(handle) if !handle.is_empty() => Some(decode_base64(&handle)?),
            _ => None,
        },
    })
}
