use challenges_core::webauthn::{RegistrationResponse, Transport};
use challenges_core::{self as core, Invalid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MetadataWithId;
use super::direction::read_only;

/// A WebAuthn credential of a user.
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

/// Whose credential it is, for which relying party, and how it is to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = WebAuthNEnrollmentSpec)]
pub(crate) struct WebauthnEnrollmentSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    pub(crate) relying_party_id: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation_format: Option<String>,
    /// direct, indirect or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation_conveyance: Option<String>,
    /// required, preferred or discouraged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(default = "discouraged")]
    user_verification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_endpoint: Option<String>,
}

/// Where a credential stands: what its authenticator has to sign, or what came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = WebAuthNEnrollmentStatus)]
pub(crate) struct WebauthnEnrollmentStatus {
    /// In unpadded base64url, until the enrollment is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    /// In padded base64, once it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
    /// Of internal, ble, nfc, usb, cable and hybrid.
    #[serde(skip_serializing_if = "Option::is_none")]
    transports: Option<Vec<String>>,
}

/// What an authenticator made of a challenge.
#[derive(Deserialize, ToSchema)]
#[schema(as = WebAuthNEnrollmentAnswer)]
pub(crate) struct WebauthnEnrollmentAnswer {
    /// In base64 or base64url, padded or not.
    credential_id: String,
    /// The clientDataJSON, in base64url.
    client_data: String,
    /// The attestationObject, in base64url. Required to complete an enrollment.
    authenticator_data: Option<String>,
    /// Of assertions only: passed over here.
    #[expect(dead_code, reason = "described, since clients may send it")]
    signature: Option<String>,
    /// The user.id of the creation options, in base64url, where the caller made them itself.
    user_handle: Option<String>,
    transports: Option<Vec<String>>,
    pub(crate) user_id: Option<String>,
}

/// The WebAuthn credentials of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = ListWebAuthNEnrollmentResponse)]
pub(crate) struct ListWebauthnEnrollmentResponse {
    /// The most that were asked for.
    pub(crate) limit: usize,
    pub(crate) webauthn: Vec<WebauthnEnrollment>,
}

impl WebauthnEnrollment {
    /// A stored enrollment as its user may see it.
    pub(crate) fn public(stored: &core::WebauthnEnrollment) -> Self {
        let credential = stored.credential();
        let transports = |credential: &core::webauthn::Credential| {
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
    /// What is asked for, apart from for whom.
    pub(crate) fn parse(self) -> Result<core::WebauthnEnrollmentSpec, Invalid> {
        let mut spec = core::WebauthnEnrollmentSpec::new(self.relying_party_id.parse()?);
        spec.attestation_conveyance = self.attestation_conveyance.as_deref().map(str::parse).transpose()?;
        spec.user_verification = self.user_verification.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        spec.attestation_format = self.attestation_format;
        spec.http_endpoint = self.http_endpoint;
        Ok(spec)
    }
}

impl WebauthnEnrollmentAnswer {
    /// What the browser made of the creation options.
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
