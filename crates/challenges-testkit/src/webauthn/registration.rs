use challenges_core::Invalid;
use challenges_core::webauthn::{RegistrationResponse, Transport};
use serde_json::{Value, json};

use super::attestation::{Attestation, Attested};
use super::authenticator_data::AuthenticatorData;
use super::base64url;
use super::cbor::Cbor;
use super::client_data::ClientData;
use super::private_key::PrivateKey;

/// An unsigned new credential. Change any field, then call [`sign`](Self::sign).
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct NewCredential {
    /// The client data.
    pub client_data: ClientData,
    /// The authenticator data.
    pub authenticator_data: AuthenticatorData,
    /// The attestation.
    pub attestation: Attestation,
    /// The private key of the credential, used for self attestation.
    pub private_key: PrivateKey,
    /// The transports of the authenticator.
    pub transports: Vec<Transport>,
}

/// A signed new credential, as returned by a browser.
///
/// A signature covers the client data and the attestation object, and only if the credential is attested. A test
/// can change every other field without an invalid signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct SignedCredential {
    /// The credential id, member `id`.
    pub id: Vec<u8>,
    /// The credential id, member `rawId`.
    pub raw_id: Vec<u8>,
    /// The credential type, member `type`: `public-key`.
    pub kind: String,
    /// The `clientDataJSON` bytes.
    pub client_data: Vec<u8>,
    /// The attestation object.
    pub attestation_object: Vec<u8>,
    /// The authenticator data, repeated from the attestation object.
    pub authenticator_data: Vec<u8>,
    /// The COSE number of the key's algorithm, repeated from the attestation object.
    pub algorithm: i64,
    /// The transports of the authenticator, by the names of section 5.8.4.
    pub transports: Vec<String>,
}

impl NewCredential {
    /// Signs the new credential.
    #[must_use]
    pub fn sign(&self) -> SignedCredential {
        self.sign_bytes(self.client_data.to_bytes(), self.authenticator_data.to_bytes())
    }

    /// Signs other bytes as client data and authenticator data, for example truncated or malformed bytes.
    #[must_use]
    pub fn sign_bytes(&self, client_data: Vec<u8>, authenticator_data: Vec<u8>) -> SignedCredential {
        let (format, statement) = self.attestation.statement(&Attested {
            private_key: &self.private_key,
            authenticator_data: &self.authenticator_data,
            authenticator_data_bytes: &authenticator_data,
            client_data: &client_data,
        });
        let attestation_object = Cbor::map([
            ("fmt", Cbor::Text(format)),
            ("attStmt", statement),
            ("authData", authenticator_data.clone().into()),
        ]);
        let id = self.authenticator_data.attested.as_ref().map(|attested| attested.id.clone()).unwrap_or_default();
        SignedCredential {
            raw_id: id.clone(),
            id,
            kind: "public-key".to_owned(),
            client_data,
            attestation_object: attestation_object.to_bytes(),
            authenticator_data,
            algorithm: self.private_key.algorithm().cose(),
            transports: self.transports.iter().map(|transport| transport.as_str().to_owned()).collect(),
        }
    }
}

impl SignedCredential {
    /// Returns the `RegistrationResponseJSON` (section 5.1.8), the result of `credential.toJSON()` in a browser.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "id": base64url(&self.id),
            "rawId": base64url(&self.raw_id),
            "type": self.kind,
            "response": {
                "clientDataJSON": base64url(&self.client_data),
                "attestationObject": base64url(&self.attestation_object),
                "authenticatorData": base64url(&self.authenticator_data),
                "publicKeyAlgorithm": self.algorithm,
                "transports": self.transports,
            },
            "clientExtensionResults": {},
        })
    }

    /// Returns the answer to an enrollment for the HTTP API.
    #[must_use]
    pub fn answer(&self) -> Value {
        json!({
            "credential_id": base64url(&self.id),
            "client_data": base64url(&self.client_data),
            "authenticator_data": base64url(&self.attestation_object),
            "transports": self.transports,
        })
    }

    /// Returns the response for `challenges-core`.
    ///
    /// # Errors
    ///
    /// [`Invalid::CredentialId`] when the credential id is empty or longer than 1,023 bytes.
    pub fn core_response(&self) -> Result<RegistrationResponse, Invalid> {
        Ok(RegistrationResponse {
            credential_id: self.id.clone().try_into()?,
            client_data: self.client_data.clone(),
            attestation_object: self.attestation_object.clone(),
            transports: Transport::known(self.transports.iter().map(String::as_str)),
            user_handle: None,
        })
    }
}
