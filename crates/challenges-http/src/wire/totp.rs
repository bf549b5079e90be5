use challenges_core::{TotpEnrollment as Stored, TotpKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MetadataWithId;
use super::direction::read_only;

/// An authenticator of a user (RFC 6238: SHA-1, 6 digits, 30 seconds).
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

/// Whose authenticator it is.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = TOTPEnrollmentSpec)]
pub(crate) struct TotpEnrollmentSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    pub(crate) user_id: Option<String>,
}

/// Where an enrollment stands.
#[derive(Serialize, ToSchema)]
#[schema(as = TOTPEnrollmentStatus)]
pub(crate) struct TotpEnrollmentStatus {
    /// pending, or success once a code has shown that an authenticator holds the key.
    state: &'static str,
    /// The key in base32, in the response to the creation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// A code that completes an enrollment.
#[derive(Deserialize, ToSchema)]
#[schema(as = TOTPEnrollmentAnswer)]
pub(crate) struct TotpEnrollmentAnswer {
    /// What the authenticator shows.
    pub(crate) answer: String,
    /// Whose enrollment it is.
    pub(crate) user_id: Option<String>,
}

/// The authenticators of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = ListTOTPEnrollmentResponse)]
pub(crate) struct ListTotpEnrollmentResponse {
    /// The most that were asked for.
    pub(crate) limit: usize,
    pub(crate) totp: Vec<TotpEnrollment>,
}

impl TotpEnrollment {
    /// A stored enrollment, without its key.
    pub(crate) fn public(stored: &Stored) -> Self {
        Self {
            metadata: Some(MetadataWithId::new(&stored.id(), stored.created(), stored.updated())),
            spec: TotpEnrollmentSpec { user_id: Some(stored.owner().user_id().to_owned()) },
            status: Some(TotpEnrollmentStatus { state: stored.state().as_str(), key: None }),
        }
    }

    /// The same in the response to its creation, with the key.
    pub(crate) fn with_key(mut self, key: &TotpKey) -> Self {
        if let Some(status) = &mut self.status {
            status.key = Some(key.to_base32().expose().to_owned());
        }
        self
    }
}
