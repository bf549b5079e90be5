use std::borrow::Cow;
use std::str::FromStr;

use serde::Deserialize;

use super::base64;
use super::credential::{CredentialId, UserHandle};
use super::preference::Transport;
use crate::error::Invalid;

/// What a browser made of creation options.
#[derive(Clone, Debug)]
pub struct RegistrationResponse {
    /// The id of the new credential, as the browser says.
    pub credential_id: CredentialId,
    /// The clientDataJSON (section 5.8.1), byte for byte.
    pub client_data: Vec<u8>,
    /// The attestation object (section 6.5), in CBOR.
    pub attestation_object: Vec<u8>,
    /// How the authenticator can be reached.
    pub transports: Vec<Transport>,
    /// The user handle that the browser was given, where it was not that of
    /// [`Challenges::creation_options`](crate::Challenges::creation_options).
    pub user_handle: Option<UserHandle>,
}

/// What a browser made of request options.
#[derive(Clone, Debug)]
pub struct AuthenticationResponse {
    /// The id of the credential that was used.
    pub credential_id: CredentialId,
    /// The clientDataJSON (section 5.8.1), byte for byte.
    pub client_data: Vec<u8>,
    /// The authenticator data (section 6.1), byte for byte.
    pub authenticator_data: Vec<u8>,
    /// The signature over both.
    pub signature: Vec<u8>,
    /// Whom the authenticator made the credential for, where it tells.
    pub user_handle: Option<Vec<u8>>,
}

/// `PublicKeyCredential.toJSON()` (section 5.1.8 and 5.1.9).
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
        let same = self.id == self.raw_id && self.r#type == "public-key";
        same.then(|| id(&self.id)).flatten()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationJson<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data: Cow<'a, str>,
    #[serde(borrow)]
    attestation_object: Cow<'a, str>,
    #[serde(borrow, default)]
    transports: Vec<Cow<'a, str>>,
}

/// The parts of an assertion, by the names of WebAuthn or those of the API.
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

/// What tells the API's form: there the id stands beside the parts.
#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(borrow)]
    credential_id: Option<Cow<'a, str>>,
}

impl RegistrationResponse {
    /// The response of those parts, each in base64 or base64url, padded or not.
    ///
    /// # Errors
    ///
    /// [`Invalid::RegistrationResponse`] when a part is not, [`Invalid::CredentialId`] when the id has no possible length.
    pub fn from_base64(credential_id: &str, client_data: &str, attestation_object: &str) -> Result<Self, Invalid> {
        let part = |text: &str| base64::decode(text).ok_or(Invalid::RegistrationResponse);
        Ok(Self {
            credential_id: part(credential_id)?.try_into()?,
            client_data: part(client_data)?,
            attestation_object: part(attestation_object)?,
            transports: Vec::new(),
            user_handle: None,
        })
    }

    /// The same, made with a user handle of the caller's own choice, in base64 or base64url: 1 to 64 bytes. Assertions
    /// then have to name that one, where they name any.
    ///
    /// # Errors
    ///
    /// [`Invalid::UserHandle`] when it is not.
    pub fn with_user_handle(self, user_handle: &str) -> Result<Self, Invalid> {
        let user_handle = base64::decode(user_handle).and_then(UserHandle::from_bytes).ok_or(Invalid::UserHandle)?;
        Ok(Self { user_handle: Some(user_handle), ..self })
    }

    /// Reads what `credential.toJSON()` gives in a browser (section 5.1.8).
    ///
    /// # Errors
    ///
    /// [`Invalid::RegistrationResponse`] when it is not of that form, or its `id` is not its `rawId`.
    pub fn from_json(json: &str) -> Result<Self, Invalid> {
        let read: CredentialJson<'_, AttestationJson<'_>> =
            serde_json::from_str(json).map_err(|_| Invalid::RegistrationResponse)?;
        let credential_id = read.credential_id().ok_or(Invalid::RegistrationResponse)?;
        let part = |text: &str| base64::decode(text).ok_or(Invalid::RegistrationResponse);
        Ok(Self {
            credential_id,
            client_data: part(&read.response.client_data)?,
            attestation_object: part(&read.response.attestation_object)?,
            transports: Transport::known(read.response.transports.iter().map(AsRef::as_ref)),
            user_handle: None,
        })
    }
}

impl FromStr for AuthenticationResponse {
    type Err = Invalid;

    /// Reads an answer in any form that the API takes: the assertion's parts, or what `credential.toJSON()` gives
    /// (section 5.1.8), either as JSON or as base64url of it.
    fn from_str(answer: &str) -> Result<Self, Invalid> {
        let read = if answer.starts_with('{') { Self::from_json(answer) } else { Self::from_base64(answer) };
        read.ok_or(Invalid::AuthenticationResponse)
    }
}

impl AuthenticationResponse {
    fn from_base64(answer: &str) -> Option<Self> {
        Self::from_json(std::str::from_utf8(&base64::decode(answer)?).ok()?)
    }

    fn from_json(json: &str) -> Option<Self> {
        let shape: Shape<'_> = serde_json::from_str(json).ok()?;
        let (credential_id, parts) = match shape.credential_id {
            Some(beside) => (id(&beside)?, serde_json::from_str::<AssertionJson<'_>>(json).ok()?),
            None => {
                let read: CredentialJson<'_, AssertionJson<'_>> = serde_json::from_str(json).ok()?;
                (read.credential_id()?, read.response)
            }
        };
        Some(Self {
            credential_id,
            client_data: base64::decode(&parts.client_data)?,
            authenticator_data: base64::decode(&parts.authenticator_data)?,
            signature: base64::decode(&parts.signature)?,
            user_handle: match parts.user_handle {
                // Authenticators that hold no user handle give an empty one.
                Some(handle) if !handle.is_empty() => Some(base64::decode(&handle)?),
                _ => None,
            },
        })
    }
}

fn id(text: &str) -> Option<CredentialId> {
    base64::decode(text)?.try_into().ok()
}
