use std::time::Duration;

use super::credential::Credential;
use super::preference::{AttestationConveyance, Preference};
use super::public_challenge::PublicChallenge;
use super::relying_party::RelyingPartyId;
use super::response::{AuthenticationResponse, RegistrationResponse};
use super::selection::{AuthenticatorAttachment, AuthenticatorHint};
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
    /// The preference for user verification.
    pub user_verification: Preference,
    /// The preference for a discoverable credential.
    pub resident_key: Preference,
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
    /// The preference for user verification.
    pub user_verification: Preference,
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
    /// The preference for user verification.
    pub user_verification: Preference,
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
    /// The preference for user verification; see [`Credential::needs_verification`].
    pub user_verification: Preference,
    /// The stored credential.
    pub credential: &'a Credential,
    /// The response of the browser.
    pub response: &'a AuthenticationResponse,
}
