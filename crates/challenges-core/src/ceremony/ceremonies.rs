use std::fmt::Debug;

use super::credential::Credential;
use super::relying_party::RelyingPartyId;
use super::request::{Authentication, Creation, Registration, Request};
use crate::error::Rejected;
use crate::uri::Origin;

/// Runs the ceremonies of WebAuthn (Web Authentication Level 3, section 7). The crate `challenges-webauthn` implements
/// this trait.
///
/// An implementation decides from the arguments alone and stores nothing. The service ensures the rest: a challenge
/// passes once, the credential exists, is named by the challenge and belongs to the challenged user, and the signature
/// counter grows.
///
/// # What a wrong implementation lets an attacker do
///
/// | the implementation | the attacker |
/// |---|---|
/// | accepts a wrong signature, or one over data other than the data checked | passes without the authenticator |
/// | compares origins loosely or not at all | passes with an assertion that a user made on a page of the attacker |
/// | does not compare the challenge | passes with an assertion recorded earlier |
/// | does not compare the type or the relying party | passes with a response made for another purpose |
/// | reads user verification from unsigned parts of the response, and not from the signed flags | passes with a lost or stolen authenticator |
pub trait Ceremonies: Debug + Send + Sync + 'static {
    /// Returns the origins of a relying party: the pages allowed to create and use credentials. Empty if the relying
    /// party is not served.
    fn origins(&self, relying_party: &RelyingPartyId) -> Vec<Origin>;

    /// Returns whether registration requires an attestation that leads to a trust anchor. The creation options then ask
    /// for direct attestation.
    fn requires_attestation(&self) -> bool;

    /// Returns the options to create a credential, in the form read by
    /// `PublicKeyCredential.parseCreationOptionsFromJSON` (section 5.1.9).
    fn creation_options(&self, creation: &Creation<'_>) -> serde_json::Value;

    /// Returns the options to use a credential, in the form read by `PublicKeyCredential.parseRequestOptionsFromJSON`
    /// (section 5.1.10).
    fn request_options(&self, request: &Request<'_>) -> serde_json::Value;

    /// Verifies the response to creation options (section 7.1, steps 5 to 25).
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the first step that failed.
    fn register(&self, registration: &Registration<'_>) -> Result<Credential, Rejected>;

    /// Checks that a credential of another system may be imported: the public key must have a supported algorithm and
    /// form, and the service must register authenticators of this model without attestation.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason.
    fn admit(&self, credential: &Credential) -> Result<(), Rejected>;

    /// Verifies the response to request options (section 7.2, steps 5 to 21). The service compares the signature
    /// counter.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the first step that failed.
    fn authenticate(&self, authentication: &Authentication<'_>) -> Result<Asserted, Rejected>;
}

/// The signed statements of a verified assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the counter is not compared yet"]
#[expect(clippy::exhaustive_structs, reason = "implementations of Ceremonies build this struct")]
pub struct Asserted {
    /// The signature counter.
    pub sign_count: u32,
    /// `true` if the authenticator verified the user.
    pub user_verified: bool,
    /// `true` if the credential is backed up.
    pub backed_up: bool,
}

impl Asserted {
    /// Returns whether the counter grew since the last use, or is not supported: zero both times (section 7.2 step 22).
    #[must_use]
    pub const fn counter_grew(&self, last: u32) -> bool {
        self.sign_count > last || (self.sign_count == 0 && last == 0)
    }
}
