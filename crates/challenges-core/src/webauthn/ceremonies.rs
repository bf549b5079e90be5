use std::fmt::Debug;
use std::time::Duration;

use super::credential::{Credential, PublicChallenge, UserHandle};
use super::preference::{AttestationConveyance, UserVerification};
use super::rejected::Rejected;
use super::relying_party::RelyingPartyId;
use super::response::{AuthenticationResponse, RegistrationResponse};
use crate::address::Origin;

/// Carries out the ceremonies of WebAuthn: `challenges-webauthn` does.
///
/// It decides on its arguments alone and keeps nothing; core stores, and sees to it that a challenge passes once, that the
/// credential is the challenged user's and among those named, that it exists still, and that its counter grows.
///
/// # What a wrong implementation lets an attacker do
///
/// | it | the attacker |
/// |---|---|
/// | accepts a signature that is wrong, or over other data than what it checked | passes without the authenticator |
/// | compares origins loosely, or not at all | passes with what a user did at a page of the attacker's |
/// | does not compare the challenge | passes with an assertion recorded earlier |
/// | does not compare type or relying party | passes with what was made for something else |
/// | takes user verification from the response's word instead of the flags that are signed | passes with a found key |
pub trait Ceremonies: Debug + Send + Sync + 'static {
    /// The origins at which credentials of a relying party are made and used; none at all, where it is not served.
    fn origins(&self, relying_party: &RelyingPartyId) -> Vec<Origin>;

    /// Whether only credentials whose attestation leads to a trust anchor are registered. Options then ask for direct
    /// attestation.
    fn requires_attestation(&self) -> bool;

    /// The options to make a credential with, in the form that `PublicKeyCredential.parseCreationOptionsFromJSON` reads
    /// (section 5.1.9).
    fn creation_options(&self, creation: &Creation<'_>) -> serde_json::Value;

    /// The options to use a credential with, in the form that `PublicKeyCredential.parseRequestOptionsFromJSON` reads
    /// (section 5.1.10).
    fn request_options(&self, request: &Request<'_>) -> serde_json::Value;

    /// Verifies what a browser made of creation options (section 7.1, steps 5 to 25).
    ///
    /// # Errors
    ///
    /// [`Rejected`], with the first step that it does not pass.
    fn register(&self, registration: &Registration<'_>) -> Result<Credential, Rejected>;

    /// Verifies what a browser made of request options (section 7.2, steps 5 to 21). The counter is left to core.
    ///
    /// # Errors
    ///
    /// [`Rejected`], with the first step that it does not pass.
    fn authenticate(&self, authentication: &Authentication<'_>) -> Result<Asserted, Rejected>;
}

/// What is asked of a browser to make a credential.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// Whom the credential will be for.
    pub relying_party: &'a RelyingPartyId,
    /// What the client data has to hold.
    pub challenge: &'a PublicChallenge,
    /// What stands for the user in the authenticator.
    pub user_handle: &'a UserHandle,
    /// The user's account name, as authenticators show it.
    pub account: &'a str,
    /// Whether the authenticator is to verify its user.
    pub user_verification: UserVerification,
    /// How much it is to tell of its make.
    pub attestation: AttestationConveyance,
    /// The user's credentials for this relying party; their authenticators are not registered twice.
    pub exclude: Vec<&'a Credential>,
    /// How long the browser should wait.
    pub timeout: Duration,
}

/// What is asked of a browser to use a credential.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Whom the credential is for.
    pub relying_party: &'a RelyingPartyId,
    /// What the client data has to hold.
    pub challenge: &'a PublicChallenge,
    /// The credentials that may be used.
    pub allow: Vec<&'a Credential>,
    /// Whether the authenticator is to verify its user.
    pub user_verification: UserVerification,
    /// How long the browser should wait.
    pub timeout: Duration,
}

/// A new credential to be verified, beside what was asked for.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    /// Whom the credential is for.
    pub relying_party: &'a RelyingPartyId,
    /// The origins that are accepted, each exactly.
    pub origins: &'a [Origin],
    /// The challenge that was given out.
    pub challenge: &'a PublicChallenge,
    /// Whether the authenticator had to verify its user.
    pub user_verification: UserVerification,
    /// What the browser sent.
    pub response: &'a RegistrationResponse,
}

/// An assertion to be verified, beside what was asked for.
#[derive(Clone, Debug)]
pub struct Authentication<'a> {
    /// Whom the credential is for.
    pub relying_party: &'a RelyingPartyId,
    /// The origins that are accepted, each exactly.
    pub origins: &'a [Origin],
    /// The challenge that was given out.
    pub challenge: &'a PublicChallenge,
    /// What stands for the challenged user in the authenticator; a user handle in the response has to be the same.
    pub user_handle: &'a UserHandle,
    /// What the enrollment asks for. Where it is preferred, a credential that was made with it is not used without it.
    pub user_verification: UserVerification,
    /// The credential, as it is stored.
    pub credential: &'a Credential,
    /// What the browser sent.
    pub response: &'a AuthenticationResponse,
}

/// What an assertion that was verified says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the counter is still to be compared"]
pub struct Asserted {
    /// The signature counter.
    pub sign_count: u32,
    /// Whether the authenticator verified its user.
    pub user_verified: bool,
    /// Whether the credential is backed up.
    pub backed_up: bool,
}

impl Asserted {
    /// Whether the counter grew from that of the last use, or neither has one (section 7.2 step 22).
    #[must_use]
    pub const fn counter_grew(&self, last: u32) -> bool {
        self.sign_count > last || (self.sign_count == 0 && last == 0)
    }
}
