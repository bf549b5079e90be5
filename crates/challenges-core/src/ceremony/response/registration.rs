use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::CredentialJson;
use crate::ceremony::credential::CredentialId;
use crate::ceremony::encoding::decode_base64;
use crate::ceremony::preference::Transport;
use crate::ceremony::user_handle::UserHandle;
use crate::error::Invalid;

/// The response of a browser to creation options.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests and fuzz targets build this struct")]
pub struct RegistrationResponse {
    /// The id of the new credential, as stated by the browser.
    pub credential_id: CredentialId,
    /// The clientDataJSON (Web Authentication Level 3, section 5.8.1), byte for byte.
    pub client_data: Vec<u8>,
    /// The attestation object (section 6.5), in CBOR.
    pub attestation_object: Vec<u8>,
    /// The ways to reach the authenticator.
    pub transports: Vec<Transport>,
    /// The user handle given to the browser, if different from that of
    /// [`Webauthn::creation_options`](crate::webauthn::Webauthn::creation_options).
    pub user_handle: Option<UserHandle>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationJson<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data: Cow<'a, str>,
    #[serde(borrow)]
    attestation_object: Cow<'a, str>,
    /// A list of texts. Anything else counts as no known transport: a hint must not fail an enrollment.
    #[serde(default)]
    transports: Value,
}

impl RegistrationResponse {
    /// Returns the response with these parts, each in base64 or base64url, with or without padding.
    ///
    /// # Errors
    ///
    /// - [`Invalid::RegistrationResponse`] if a part is not base64.
    /// - [`Invalid::CredentialId`] if the id is empty or longer than 1,023 bytes.
    pub fn from_base64(credential_id: &str, client_data: &str, attestation_object: &str) -> Result<Self, Invalid> {
        Ok(Self {
            credential_id: decode(credential_id)?.try_into()?,
            client_data: decode(client_data)?,
            attestation_object: decode(attestation_object)?,
            transports: Vec::new(),
            user_handle: None,
        })
    }

    /// Sets a user handle of the caller's own choice, in base64 or base64url: 1 to 64 bytes. Assertions of the
    /// credential may then name no other.
    ///
    /// # Errors
    ///
    /// [`Invalid::UserHandle`] if the text is not base64, or has another length.
    pub fn with_user_handle(self, user_handle: &str) -> Result<Self, Invalid> {
        let user_handle = decode_base64(user_handle).and_then(UserHandle::from_bytes).ok_or(Invalid::UserHandle)?;
        Ok(Self { user_handle: Some(user_handle), ..self })
    }

    /// Parses the result of `credential.toJSON()` in a browser (Web Authentication Level 3, section 5.1.8).
    ///
    /// # Errors
    ///
    /// [`Invalid::RegistrationResponse`] if the JSON has another form, or `id` and `rawId` decode to different bytes.
    pub fn from_json(json: &str) -> Result<Self, Invalid> {
        let parsed: CredentialJson<'_, AttestationJson<'_>> =
            serde_json::from_str(json).map_err(|_| Invalid::RegistrationResponse)?;
        let credential_id = parsed.credential_id().ok_or(Invalid::RegistrationResponse)?;
        Ok(Self {
            credential_id,
            client_data: decode(&parsed.response.client_data)?,
            attestation_object: decode(&parsed.response.attestation_object)?,
            transports: Transport::known(
                parsed.response.transports.as_array().into_iter().flatten().filter_map(Value::as_str),
            ),
            user_handle: None,
        })
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Invalid> {
    decode_base64(text).ok_or(Invalid::RegistrationResponse)
}
