//! WebAuthn (Web Authentication Level 3): enrollments of credentials, and the comparison of assertions.
//!
//! This crate verifies no signature. The crate `challenges-webauthn` runs the ceremonies; pass its `Webauthn` to
//! [`Builder::webauthn`](crate::Builder::webauthn).

mod assertion;
mod calls;
mod enrollment;
mod factor;
mod import;
mod old_credential;
mod options;
mod origins;
mod registration;
mod reservation;
mod spec;

/// The trait [`Ceremonies`] with its arguments and results, for `challenges-webauthn`.
#[doc(hidden)]
pub use crate::ceremony::{
    Asserted, Authentication, AuthenticationResponse, Ceremonies, Creation, PublicChallenge, PublicKey, Registration,
    Request, UserHandle,
};
pub use crate::ceremony::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Credential, CredentialId, Preference,
    RegistrationResponse, RelyingPartyId, Transport,
};
pub use crate::error::Rejected;
pub use calls::Webauthn;
pub use enrollment::WebauthnEnrollment;
#[doc(hidden)]
pub use factor::WebauthnFactor;
pub use spec::WebauthnEnrollmentSpec;

pub(crate) use assertion::{AssertionMatch, Expected, verify};
pub(crate) use import::import;
pub(crate) use old_credential::OldCredential;
pub(crate) use options::{check_named, request_options};
pub(crate) use origins::ServedOrigins;
pub(crate) use reservation::release_of as release;
