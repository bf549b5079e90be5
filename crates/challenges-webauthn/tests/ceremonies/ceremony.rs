use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges_core::Origin;
use challenges_core::webauthn::{
    Asserted, AttestationConveyance, Authentication, AuthenticationResponse, Ceremonies as _, Creation, Credential,
    Preference, PublicChallenge, Registration, RegistrationResponse, Rejected, RelyingPartyId, Request, UserHandle,
};
use challenges_testkit::webauthn::{Assertion, NewCredential, SecurityKey, SignedAssertion, SignedCredential};
use challenges_webauthn::{AttestationCaList, Webauthn};
use serde_json::Value;

pub(crate) const ORIGIN: &str = "https://example.org";

pub(crate) fn relying_party() -> RelyingPartyId {
    "example.org".parse().unwrap()
}

/// A ceremony of a user with the tests' relying party.
#[derive(Clone, Debug)]
pub(crate) struct Ceremony<'a> {
    pub(crate) webauthn: &'a Webauthn,
    pub(crate) relying_party: RelyingPartyId,
    pub(crate) origins: Vec<Origin>,
    pub(crate) challenge: PublicChallenge,
    pub(crate) user_handle: UserHandle,
    pub(crate) user_verification: Preference,
}

impl<'a> Ceremony<'a> {
    pub(crate) fn new(webauthn: &'a Webauthn, challenge: PublicChallenge, user_verification: Preference) -> Self {
        Self {
            webauthn,
            relying_party: relying_party(),
            origins: webauthn.origins(&relying_party()),
            challenge,
            user_handle: [7; 32].into(),
            user_verification,
        }
    }

    /// Creates a ceremony with an arbitrary challenge and user verification.
    pub(crate) fn any(webauthn: &'a Webauthn) -> Self {
        Self::new(webauthn, [1; 32].into(), Preference::Preferred)
    }

    pub(crate) fn creation_options(&self) -> Value {
        self.webauthn.creation_options(&Creation {
            relying_party: &self.relying_party,
            challenge: &self.challenge,
            user_handle: &self.user_handle,
            account: "ada",
            user_verification: self.user_verification,
            resident_key: Preference::Preferred,
            authenticator_attachment: None,
            hints: &[],
            attestation: AttestationConveyance::Direct,
            exclude: Vec::new(),
            timeout: Duration::from_secs(60),
        })
    }

    pub(crate) fn request_options(&self, credential: &Credential) -> Value {
        self.webauthn.request_options(&Request {
            relying_party: &self.relying_party,
            challenge: &self.challenge,
            allow: vec![credential],
            user_verification: self.user_verification,
            timeout: Duration::from_secs(60),
        })
    }

    /// Returns a key's unsigned response to the creation options.
    pub(crate) fn create(&self, key: &mut SecurityKey) -> NewCredential {
        key.create(&self.creation_options(), ORIGIN).unwrap()
    }

    /// Returns a key's unsigned response to the request options.
    pub(crate) fn get(&self, key: &mut SecurityKey, credential: &Credential) -> Assertion {
        key.get(&self.request_options(credential), ORIGIN).unwrap()
    }

    pub(crate) fn register(&self, response: &RegistrationResponse) -> Result<Credential, Rejected> {
        self.webauthn.register(&Registration {
            relying_party: &self.relying_party,
            origins: &self.origins,
            challenge: &self.challenge,
            user_verification: self.user_verification,
            response,
        })
    }

    pub(crate) fn register_signed(&self, signed: &SignedCredential) -> Result<Credential, Rejected> {
        self.register(&signed.core_response().unwrap())
    }

    pub(crate) fn authenticate(
        &self,
        credential: &Credential,
        response: &AuthenticationResponse,
    ) -> Result<Asserted, Rejected> {
        self.webauthn.authenticate(&Authentication {
            relying_party: &self.relying_party,
            origins: &self.origins,
            challenge: &self.challenge,
            user_handle: &self.user_handle,
            user_verification: self.user_verification,
            credential,
            response,
        })
    }

    pub(crate) fn authenticate_signed(
        &self,
        credential: &Credential,
        signed: &SignedAssertion,
    ) -> Result<Asserted, Rejected> {
        self.authenticate(credential, &signed.core_response().unwrap())
    }
}

/// Creates a list with one trust anchor, a certificate in DER.
pub(crate) fn trust_anchors(certificate: &[u8]) -> AttestationCaList {
    let base64 = BASE64_STANDARD.encode(certificate);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    AttestationCaList::try_from(pem.as_bytes()).unwrap()
}

/// Decodes hexadecimal digits.
pub(crate) fn from_hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
