//! WebAuthn: values, enrollments, and the verifier of the feature `webauthn`.

pub use challenges_core::webauthn::{
    Asserted, AttestationConveyance, Authentication, AuthenticationResponse, AuthenticatorAttachment,
    AuthenticatorHint, Ceremonies, Creation, Credential, CredentialId, Preference, PublicChallenge, PublicKey,
    Registration, RegistrationResponse, Rejected, RelyingPartyId, Request, Transport, UserHandle,
    Webauthn as Enrollments, WebauthnEnrollment, WebauthnEnrollmentSpec, WebauthnFactor,
};
#[cfg(feature = "webauthn")]
pub use challenges_webauthn::{
    AttestationCa, AttestationCaList, AttestationCaListBuilder, BROWSER_MODULE, Webauthn, WebauthnBuilder,
    WebauthnError,
};
