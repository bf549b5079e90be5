//! WebAuthn (Web Authentication Level 3) as core sees it: what is kept of a credential, what a browser sends, and the
//! trait behind which the ceremonies are carried out. Core compares, counts and stores; it verifies no signature.

mod aaguid;
mod base64;
mod ceremonies;
mod credential;
mod preference;
mod rejected;
mod relying_party;
mod response;

pub use aaguid::Aaguid;
pub use ceremonies::{Asserted, Authentication, Ceremonies, Creation, Registration, Request};
pub use credential::{Credential, CredentialId, PublicChallenge, PublicKey, UserHandle};
pub use preference::{AttestationConveyance, Transport, UserVerification};
pub use rejected::Rejected;
pub use relying_party::RelyingPartyId;
pub use response::{AuthenticationResponse, RegistrationResponse};

#[cfg(test)]
mod tests;
