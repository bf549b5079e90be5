//! WebAuthn (Web Authentication Level 3): enrollments of credentials, and the comparison of assertions.
//!
//! This crate verifies no signature. A [`Ceremonies`] implementation, such as the crate `challenges-webauthn`, runs the
//! ceremonies; pass one to [`Builder::webauthn`](crate::Builder::webauthn).

mod assertion;
mod calls;
mod enrollment;
mod factor;
mod options;
mod origins;
mod registration;
mod reservation;
mod spec;

pub use crate::ceremony::{
    Aaguid, AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Ceremonies, Credential, CredentialId,
    PublicChallenge, RegistrationResponse, RelyingPartyId, ResidentKey, Transport, UserHandle, UserVerification,
};
/// The arguments and results of [`Ceremonies`], for its implementations.
#[doc(hidden)]
pub use crate::ceremony::{
    Asserted, Authentication, AuthenticationResponse, Creation, PublicKey, Registration, Request,
};
pub use crate::error::Rejected;
pub use assertion::UsedCredential;
pub use calls::Webauthn;
pub use enrollment::WebauthnEnrollment;
#[doc(hidden)]
pub use factor::WebauthnFactor;
pub use spec::WebauthnEnrollmentSpec;

pub(crate) use assertion::{AssertionMatch, Expected, verify};
pub(crate) use options::{check_named, request_options};
pub(crate) use origins::ServedOrigins;
