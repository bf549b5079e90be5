use challenges_core::Invalid;
use challenges_core::webauthn::{self as core, Preference, RegistrationResponse, Transport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MetadataWithId;
use super::direction::read_only;
use super::optional::optional;

/// An enrolled WebAuthn credential.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = WebAuthNEnrollment)]
pub(crate) struct WebauthnEnrollment {
    #[serde(default, deserialize_with = "read_only", skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    metadata: Option<MetadataWithId>,
    pub(crate) spec: WebauthnEnrollmentSpec,
    #[serde(default, deserialize_with = "read_only", skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    status: Option<WebauthnEnrollmentStatus>,
}

/// The owner, relying party and creation options of a credential.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = WebAuthNEnrollmentSpec)]
pub(crate) struct WebauthnEnrollmentSpec {
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    pub(crate) relying_party_id: String,
    /// Free text of at most 255 bytes, stored and returned as given.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    attestation_format: Option<String>,
    /// direct, indirect or none.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    attestation_conveyance: Option<String>,
    /// required, preferred or discouraged.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(default = "discouraged")]
    user_verification: Option<String>,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    http_endpoint: Option<String>,
}

/// The status of an enrollment: the challenge of a pending one, the credential of a completed one.
#[derive(Serialize, ToSchema)]
#[schema(as = WebAuthNEnrollmentStatus)]
pub(crate) struct WebauthnEnrollmentStatus {
    /// The challenge for the authenticator, in unpadded base64url. Absent once the enrollment is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    /// The credential id in padded base64. Absent until the enrollment is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
    /// Transports of the authenticator: internal, ble, nfc, usb, cable or hybrid.
    #[serde(skip_serializing_if = "Option::is_none")]
    transports: Option<Vec<String>>,
}

/// The response of an authenticator.
#[derive(Deserialize, ToSchema)]
#[schema(as = WebAuthNEnrollmentAnswer)]
pub(crate) struct WebauthnEnrollmentAnswer {
    /// The credential id in base64 or base64url, padded or not.
    credential_id: String,
    /// The clientDataJSON, in base64url.
    client_data: String,
    /// The attestationObject, in base64url. Required to complete an enrollment.
    #[serde(default, deserialize_with = "optional")]
    authenticator_data: Option<String>,
    /// The signature of an assertion. Ignored in an enrollment.
    #[serde(default, deserialize_with = "optional")]
    #[expect(dead_code, reason = "documented in the schema, since clients may send the property")]
    signature: Option<String>,
    /// The user.id of the creation options in base64url, if the caller built the options.
    #[serde(default, deserialize_with = "optional")]
    user_handle: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    transports: Option<Vec<String>>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) user_id: Option<String>,
}

/// A list of WebAuthn credentials.
#[derive(Serialize, ToSchema)]
#[schema(as = ListWebAuthNEnrollmentResponse)]
pub(crate) struct ListWebauthnEnrollmentResponse {
    /// The limit of the request.
    pub(crate) limit: usize,
    pub(crate) webauthn: Vec<WebauthnEnrollment>,
}

impl WebauthnEnrollment {
    /// Returns the public form of a stored enrollment.
    pub(crate) fn public(stored: &core::WebauthnEnrollment) -> Self {
        let credential = stored.credential();
        let transports = |credential: &core::Credential| {
            credential.transports.iter().map(|transport| transport.as_str().to_owned()).collect()
        };
        Self {
            metadata: Some(MetadataWithId::new(&stored.id(), stored.created(), stored.updated())),
            spec: WebauthnEnrollmentSpec {
                user_id: Some(stored.owner().user_id().to_owned()),
                relying_party_id: stored.relying_party_id().to_string(),
                attestation_format: stored.attestation_format().map(str::to_owned),
                attestation_conveyance: stored.attestation_conveyance().map(|it| it.as_str().to_owned()),
                user_verification: Some(stored.user_verification().as_str().to_owned()),
                http_endpoint: stored.http_endpoint().map(str::to_owned),
            },
            status: Some(WebauthnEnrollmentStatus {
                challenge: stored.challenge().map(ToString::to_string),
                credential_id: credential.map(|it| it.id.to_base64()),
                transports: credential.map(transports),
            }),
        }
    }
}

impl WebauthnEnrollmentSpec {
    /// Parses the spec, except `user_id`.
    pub(crate) fn parse(self) -> Result<core::WebauthnEnrollmentSpec, Invalid> {
        let mut spec = core::WebauthnEnrollmentSpec::new(self.relying_party_id.parse()?);
        spec.attestation_conveyance = self.attestation_conveyance.as_deref().map(str::parse).transpose()?;
        spec.user_verification =
            self.user_verification.as_deref().map(str::parse).transpose()?.unwrap_or(Preference::Discouraged);
        spec.attestation_format = self.attestation_format;
        spec.http_endpoint = self.http_endpoint;
        Ok(spec)
    }
}

impl WebauthnEnrollmentAnswer {
    /// Parses the registration response of the browser.
    pub(crate) fn parse(&self) -> Result<RegistrationResponse, Invalid> {
        let attestation_object = self.authenticator_data.as_deref().ok_or(Invalid::RegistrationResponse)?;
        let mut response =
            RegistrationResponse::from_base64(&self.credential_id, &self.client_data, attestation_object)?;
        response.transports = Transport::known(self.transports.iter().flatten().map(String::as_str));
        match &self.user_handle {
            Some(user_handle) => response.with_user_handle(user_handle),
            None => Ok(response),
        }
    }
}
