//! Enrollments: what shows that a user holds an authenticator.

mod totp;
mod totp_key;
mod webauthn;

pub use totp::TotpEnrollment;
pub use totp_key::TotpKey;
pub use webauthn::WebauthnEnrollment;

pub(crate) use totp::{Body as TotpBody, Confirmation, place};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::error::Error;
use crate::id::EnrollmentId;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::{Key, Kind, Stored};
use crate::time::Timestamp;

/// Where an enrollment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentState {
    /// Nobody has shown yet that an authenticator holds the key. It answers no challenge.
    Pending,
    /// An authenticator holds the key.
    Success,
}

impl EnrollmentState {
    /// Its name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
        }
    }
}

/// An enrollment of either kind.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Enrollment<'a> {
    /// A TOTP key.
    Totp(&'a TotpEnrollment),
    /// A WebAuthn credential.
    Webauthn(&'a WebauthnEnrollment),
}

impl<'a> Enrollment<'a> {
    /// Its id.
    #[must_use]
    pub const fn id(self) -> EnrollmentId {
        match self {
            Self::Totp(enrollment) => enrollment.id(),
            Self::Webauthn(enrollment) => enrollment.id(),
        }
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(self) -> &'a Owner {
        match self {
            Self::Totp(enrollment) => enrollment.owner(),
            Self::Webauthn(enrollment) => enrollment.owner(),
        }
    }
}

impl<'a> From<&'a TotpEnrollment> for Enrollment<'a> {
    fn from(enrollment: &'a TotpEnrollment) -> Self {
        Self::Totp(enrollment)
    }
}

impl<'a> From<&'a WebauthnEnrollment> for Enrollment<'a> {
    fn from(enrollment: &'a WebauthnEnrollment) -> Self {
        Self::Webauthn(enrollment)
    }
}

/// What the service does with records of either kind alike.
pub(crate) trait EnrollmentRecord: Sized + Send {
    const KIND: Kind;
    type Body: DeserializeOwned;

    fn from_body(body: Self::Body) -> Self;
    fn shown(&self) -> Enrollment<'_>;
    fn created(&self) -> Timestamp;
    fn is_completed(&self) -> bool;

    fn decode(body: &[u8]) -> Result<Self, Error> {
        codec::decode(body).map(Self::from_body)
    }

    fn decode_stored(stored: &Stored) -> Result<Self, Error> {
        Self::decode(&stored.record.body)
    }

    fn key(id: EnrollmentId) -> Key {
        Key::new(Self::KIND, id.0)
    }

    fn owner(&self) -> &Owner {
        self.shown().owner()
    }

    /// Whether it still waits to be completed, or has been.
    fn is_alive(&self, policy: &Policy, now: Timestamp) -> bool {
        self.is_completed() || now < self.created().after(policy.pending_enrollment)
    }

    /// From when on it is garbage, where nobody completes it.
    fn expires(&self, policy: &Policy) -> Option<Timestamp> {
        (!self.is_completed()).then(|| self.created().after(policy.pending_enrollment).after(policy.retention))
    }
}

#[cfg(test)]
mod tests;
