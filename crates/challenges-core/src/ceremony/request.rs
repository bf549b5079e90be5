use std::time::Duration;

use super::credential::Credential;
use super::preference::{AttestationConveyance, UserVerification};
use super::public_challenge::PublicChallenge;
use super::relying_party::RelyingPartyId;
use super::response::{AuthenticationResponse, RegistrationResponse};
use super::selection::{AuthenticatorAttachment, AuthenticatorHint, ResidentKey};
use super::user_handle::UserHandle;
use crate::uri::Origin;

/// A request to create a credential.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests of implementations build this struct")]
pub struct Creation<'a> {
    /// The relying party of the credential.
    pub relying_party: &'a RelyingPartyId,
    /// The challenge for the client data.
    pub challenge: &'a PublicChallenge,
    /// The identifier of the user in the authenticator.
    pub user_handle: &'a UserHandle,
    /// The account name of the user, shown by authenticators.
    pub account: &'a str,
    /// The requirement on user verification.
    pub user_verification: UserVerification,
    /// The requirement on a discoverable credential.
    pub resident_key: ResidentKey,
    /// The attachment of the authenticators to accept; any if absent.
    pub authenticator_attachment: Option<AuthenticatorAttachment>,
    /// The kinds of authenticators to offer first, in descending order of preference.
    pub hints: &'a [AuthenticatorHint],
    /// The attestation to request.
    pub attestation: AttestationConveyance,
    /// The credentials of the user for this relying party. An authenticator with any of these must not create another.
    pub exclude: Vec<&'a Credential>,
    /// The time for the browser to wait.
    pub timeout: Duration,
}

/// A request to use a credential.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests of implementations build this struct")]
pub struct Request<'a> {
    /// The relying party of the credentials.
    pub relying_party: &'a RelyingPartyId,
    /// The challenge for the client data.
    pub challenge: &'a PublicChallenge,
    /// The credentials to choose from.
    pub allow: Vec<&'a Credential>,
    /// The requirement on user verification.
    pub user_verification: UserVerification,
    /// The time for the browser to wait.
    pub timeout: Duration,
}

/// A new credential to verify, with the expectations of the service.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests of implementations build this struct")]
pub struct Registration<'a> {
    /// The relying party of the credential.
    pub relying_party: &'a RelyingPartyId,
    /// The accepted origins, compared exactly.
    pub origins: &'a [Origin],
    /// The challenge of the creation options.
    pub challenge: &'a PublicChallenge,
    /// The requirement on user verification.
    pub user_verification: UserVerification,
    /// The response of the browser.
    pub response: &'a RegistrationResponse,
}

/// An assertion to verify, with the expectations of the service.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests of implementations build this struct")]
pub struct Authentication<'a> {
    /// The relying party of the credential.
    pub relying_party: &'a RelyingPartyId,
    /// The accepted origins, compared exactly.
    pub origins: &'a [Origin],
    /// The challenge of the request options.
    pub challenge: &'a PublicChallenge,
    /// The identifier of the challenged user. A user handle in the response must be equal.
    pub user_handle: &'a UserHandle,
    /// The requirement on user verification; see [`Credential::needs_verification`].
    pub user_verification: UserVerification,
    /// The stored credential.
    pub credential: &'a Credential,
    /// The response of the browser.
    pub response: &'a AuthenticationResponse,
}
