use serde::{Deserialize, Serialize};

use crate::challenge_type::ChallengeType;
use crate::error::Invalid;
use crate::id::{EndpointId, EnrollmentId, Id};

/// A reference to an endpoint or enrollment of the challenged user, or to all of a type.
///
/// If a challenge names any endpoint of a type, only the named endpoints of this type receive messages or answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointRef {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<Id>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<ChallengeType>,
}

impl EndpointRef {
    /// Returns a reference to a TOTP enrollment.
    #[must_use]
    pub const fn totp(id: EnrollmentId) -> Self {
        Self { id: Some(id.0), kind: Some(ChallengeType::Totp) }
    }

    /// Returns a reference to a WebAuthn enrollment.
    #[must_use]
    pub const fn webauthn(id: EnrollmentId) -> Self {
        Self { id: Some(id.0), kind: Some(ChallengeType::Webauthn) }
    }

    /// Returns a reference to a phone number, e-mail address or push subscription.
    #[must_use]
    pub const fn endpoint(id: EndpointId) -> Self {
        Self { id: Some(id.0), kind: None }
    }

    /// Returns the reference in the form of the API: an id, a type, or both.
    ///
    /// # Errors
    ///
    /// - [`Invalid::EmptyEndpoint`] when neither is given.
    /// - [`Invalid::UnknownEndpoint`] when `id` is not an id.
    pub fn from_parts(id: Option<&str>, kind: Option<ChallengeType>) -> Result<Self, Invalid> {
        if id.is_none() && kind.is_none() {
            return Err(Invalid::EmptyEndpoint);
        }
        let id = id.map(|id| id.parse().map_err(|_| Invalid::UnknownEndpoint)).transpose()?;
        Ok(Self { id, kind })
    }

    /// Returns the id of the endpoint or enrollment.
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        self.id
    }

    /// Returns the type, always present in a stored challenge.
    #[must_use]
    pub const fn kind(&self) -> Option<ChallengeType> {
        self.kind
    }

    pub(super) const fn resolved(id: Id, kind: ChallengeType) -> Self {
        Self { id: Some(id), kind: Some(kind) }
    }
}

#[cfg(test)]
mod tests;
