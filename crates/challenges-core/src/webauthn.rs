//! WebAuthn (Web Authentication Level 3): enrollments of credentials, and the comparison of assertions.
//!
//! This crate verifies no signature. A [`Ceremonies`] implementation, such as the crate `challenges-webauthn`, runs the
//! ceremonies; pass one to [`Builder::webauthn`](crate::Builder::webauthn).

mod assertion;
mod calls;
mod enrollment;
mod factor;
mod options;
mod registration;
mod reservation;
mod spec;

pub use crate::ceremony::{
    Aaguid, Asserted, AttestationConveyance, Authentication, AuthenticationResponse, Ceremonies, Creation, Credential,
    CredentialId, PublicChallenge, PublicKey, Registration, RegistrationResponse, RelyingPartyId, Request, Transport,
    UserHandle, UserVerification,
};
pub use crate::error::Rejected;
pub use assertion::UsedCredential;
pub use calls::Webauthn;
pub use enrollment::WebauthnEnrollment;
pub use factor::WebauthnFactor;
pub use spec::WebauthnEnrollmentSpec;

pub(crate) use assertion::{AssertionMatch, Expected, verify};
pub(crate) use options::{check_named, request_options};
