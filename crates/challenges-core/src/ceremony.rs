//! The ceremonies of WebAuthn (Web Authentication Level 3): the [`Ceremonies`] trait, the arguments, and the parsing of
//! browser responses.

mod ceremonies;
mod credential;
mod encoding;
mod preference;
mod public_challenge;
mod relying_party;
mod request;
mod response;
mod selection;
mod user_handle;

pub use ceremonies::{Asserted, Ceremonies};
pub use credential::{Credential, CredentialId, PublicKey};
pub use preference::{AttestationConveyance, Preference, Transport};
pub use public_challenge::PublicChallenge;
pub use relying_party::RelyingPartyId;
pub use request::{Authentication, Creation, Registration, Request};
pub use response::{AuthenticationResponse, RegistrationResponse};
pub use selection::{AuthenticatorAttachment, AuthenticatorHint};
pub use user_handle::UserHandle;

pub(crate) use encoding::decode_base64;

#[cfg(test)]
mod tests;
