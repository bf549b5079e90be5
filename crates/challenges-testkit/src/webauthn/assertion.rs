use challenges_core::Invalid;
use challenges_core::webauthn::AuthenticationResponse;
use serde_json::{Value, json};

use super::attestation::signed_message;
use super::authenticator_data::AuthenticatorData;
use super::base64url;
use super::client_data::ClientData;
use super::private_key::PrivateKey;

/// An unsigned assertion. Change any field, then call [`sign`](Self::sign).
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The client data.
    pub client_data: ClientData,
    /// The authenticator data.
    pub authenticator_data: AuthenticatorData,
    /// The signing key.
    pub private_key: PrivateKey,
    pub(super) credential_id: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
}

/// A signed assertion, as returned by a browser. The signature covers the client data and the authenticator data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct SignedAssertion {
    /// The credential id, member `id`.
    pub id: Vec<u8>,
    /// The credential id, member `rawId`.
    pub raw_id: Vec<u8>,
    /// The credential type, member `type`: `public-key`.
    pub kind: String,
    /// The `clientDataJSON` bytes.
    pub client_data: Vec<u8>,
    /// The authenticator data.
    pub authenticator_data: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// The user handle.
    pub user_handle: Option<Vec<u8>>,
}

impl Assertion {
    /// Signs the assertion.
    #[must_use]
    pub fn sign(&self) -> SignedAssertion {
        self.sign_bytes(self.client_data.to_bytes(), self.authenticator_data.to_bytes())
    }

    /// Signs other bytes as client data and authenticator data, for example truncated or malformed bytes.
    #[must_use]
    pub fn sign_bytes(&self, client_data: Vec<u8>, authenticator_data: Vec<u8>) -> SignedAssertion {
        SignedAssertion {
            id: self.credential_id.clone(),
            raw_id: self.credential_id.clone(),
            kind: "public-key".to_owned(),
            signature: self.private_key.sign(&signed_message(&authenticator_data, &client_data)),
            client_data,
            authenticator_data,
            user_handle: self.user_handle.clone(),
        }
    }
}

impl SignedAssertion {
    /// Returns the `AuthenticationResponseJSON` (section 5.1.8), the result of `credential.toJSON()` in a browser.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut response = json!({
            "clientDataJSON": base64url(&self.client_data),
            "authenticatorData": base64url(&self.authenticator_data),
            "signature": base64url(&self.signature),
        });
        self.add_user_handle("userHandle", &mut response);
        json!({
            "id": base64url(&self.id),
            "rawId": base64url(&self.raw_id),
            "type": self.kind,
            "response": response,
            "clientExtensionResults": {},
        })
    }

    /// Returns the answer to a challenge for the HTTP API, as the text of a JSON object.
    #[must_use]
    pub fn answer(&self) -> String {
        let mut json = json!({
            "credential_id": base64url(&self.id),
            "client_data": base64url(&self.client_data),
            "authenticator_data": base64url(&self.authenticator_data),
            "signature": base64url(&self.signature),
        });
        self.add_user_handle("user_handle", &mut json);
        json.to_string()
    }

    /// Returns [`answer`](Self::answer) in unpadded base64url, the alternative form of the HTTP API.
    #[must_use]
    pub fn answer_base64url(&self) -> String {
        base64url(self.answer().as_bytes())
    }

    /// Returns the response for `challenges-core`.
    ///
    /// # Errors
    ///
    /// [`Invalid::CredentialId`] when the credential id is empty or longer than 1,023 bytes.
    pub fn core_response(&self) -> Result<AuthenticationResponse, Invalid> {
        Ok(AuthenticationResponse {
            credential_id: self.id.clone().try_into()?,
            client_data: self.client_data.clone(),
            authenticator_data: self.authenticator_data.clone(),
            signature: self.signature.clone(),
            user_handle: self.user_handle.clone(),
        })
    }

    fn add_user_handle(&self, name: &str, json: &mut Value) {
        if let (Some(user_handle), Some(members)) = (&self.user_handle, json.as_object_mut()) {
            members.insert(name.to_owned(), base64url(user_handle).into());
        }
    }
}
