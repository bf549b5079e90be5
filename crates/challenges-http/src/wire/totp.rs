use challenges_core::totp::{TotpEnrollment as Stored, TotpKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MetadataWithId;
use super::direction::read_only;
use super::optional::optional;

/// An enrolled TOTP authenticator (RFC 6238: SHA-1, 6 digits, 30 seconds).
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = TOTPEnrollment)]
pub(crate) struct TotpEnrollment {
    #[serde(default, deserialize_with = "read_only", skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    metadata: Option<MetadataWithId>,
    pub(crate) spec: TotpEnrollmentSpec,
    #[serde(default, deserialize_with = "read_only", skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    status: Option<TotpEnrollmentStatus>,
}

/// The owner of the authenticator.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = TOTPEnrollmentSpec)]
pub(crate) struct TotpEnrollmentSpec {
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    pub(crate) user_id: Option<String>,
}

/// The status of an enrollment.
#[derive(Serialize, ToSchema)]
#[schema(as = TOTPEnrollmentStatus)]
pub(crate) struct TotpEnrollmentStatus {
    /// pending until a code of the authenticator completes the enrollment, then success.
    state: &'static str,
    /// The key in base32. Only in the response to the creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// A code that completes an enrollment.
#[derive(Deserialize, ToSchema)]
#[schema(as = TOTPEnrollmentAnswer)]
pub(crate) struct TotpEnrollmentAnswer {
    /// The current code of the authenticator.
    pub(crate) answer: String,
    /// The owner of the enrollment.
    #[serde(default, deserialize_with = "optional")]
    pub(crate) user_id: Option<String>,
}

/// A list of TOTP authenticators.
#[derive(Serialize, ToSchema)]
#[schema(as = ListTOTPEnrollmentResponse)]
pub(crate) struct ListTotpEnrollmentResponse {
    /// The limit of the request.
    pub(crate) limit: usize,
    pub(crate) totp: Vec<TotpEnrollment>,
}

impl TotpEnrollment {
    /// Returns the public form of a stored enrollment, without the key.
    pub(crate) fn public(stored: &Stored) -> Self {
        Self {
            metadata: Some(MetadataWithId::new(&stored.id(), stored.created(), stored.updated())),
            spec: TotpEnrollmentSpec { user_id: Some(stored.owner().user_id().to_owned()) },
            status: Some(TotpEnrollmentStatus {
                state: if stored.is_completed() { "success" } else { "pending" },
                key: None,
            }),
        }
    }

    /// Adds the key, which only the response to the creation contains.
    pub(crate) fn with_key(mut self, key: &TotpKey) -> Self {
        if let Some(status) = &mut self.status {
            status.key = Some(key.to_base32().expose().to_owned());
        }
        self
    }
}
