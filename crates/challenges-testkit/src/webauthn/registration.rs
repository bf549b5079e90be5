use challenges_core::Invalid;
use challenges_core::webauthn::{RegistrationResponse, Transport};
use serde_json::{Value, json};

use super::attestation::{Attestation, Attested};
use super::authenticator_data::AuthenticatorData;
use super::base64url;
use super::cbor::Cbor;
use super::client_data::ClientData;
use super::private_key::PrivateKey;

/// A new credential, not signed yet. Change what you like, then [`sign`](Self::sign) it.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// The client data.
    pub client_data: ClientData,
    /// The authenticator data.
    pub authenticator_data: AuthenticatorData,
    /// How it is attested.
    pub attestation: Attestation,
    /// What signs where it is attested by itself.
    pub private_key: PrivateKey,
    /// How the authenticator can be reached.
    pub transports: Vec<Transport>,
}

/// What the browser hands out of a new credential. No signature covers the members beside the client data and the
/// attestation object, nor these two without attestation: change them as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCredential {
    /// The member `id`: the credential id.
    pub id: Vec<u8>,
    /// The member `rawId`: the credential id again.
    pub raw_id: Vec<u8>,
    /// The member `type`: `public-key`.
    pub kind: String,
    /// The clientDataJSON.
    pub client_data: Vec<u8>,
    /// The attestation object.
    pub attestation_object: Vec<u8>,
    /// The authenticator data, which is in the attestation object too.
    pub authenticator_data: Vec<u8>,
    /// The COSE number of the key's algorithm, which is in the attestation object too.
    pub algorithm: i64,
    /// How the authenticator can be reached, by the names of section 5.8.4.
    pub transports: Vec<String>,
}

impl NewCredential {
    /// Signs it.
    #[must_use]
    pub fn sign(&self) -> SignedCredential {
        self.sign_bytes(self.client_data.to_bytes(), self.authenticator_data.to_bytes())
    }

    /// Signs it with other bytes as client data and authenticator data, such as truncated or malformed ones.
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
    /// The RegistrationResponseJSON (section 5.1.8): what `credential.toJSON()` gives in a browser.
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

    /// The answer to an enrollment, as the HTTP API takes it.
    #[must_use]
    pub fn answer(&self) -> Value {
        json!({
            "credential_id": base64url(&self.id),
            "client_data": base64url(&self.client_data),
            "authenticator_data": base64url(&self.attestation_object),
            "transports": self.transports,
        })
    }

    /// What core takes.
    ///
    /// # Errors
    ///
    /// [`Invalid::CredentialId`] when the id has no possible length.
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
