use std::collections::BTreeMap;

use challenges_core::Origin;
use challenges_core::webauthn::{
    Asserted, Authentication, Ceremonies, Creation, Credential, Registration, Rejected, RelyingPartyId, Request,
};
use serde_json::Value;
use url::Url;

use crate::attestation::AttestationPolicy;
use crate::error::WebauthnError;
use crate::relying_party::RelyingParty;
use crate::{authentication, options, registration};

/// The ceremonies of WebAuthn Level 3, for `challenges_core::Challenges`.
///
/// [`new`](Self::new) serves any relying party at exactly `https://` and its id, and requires no attestation.
/// [`for_origin`](Self::for_origin) serves an application at one origin, such as `http://localhost:3000` in development.
/// Use [`builder`](Self::builder) for several origins, display names, frames and attestation policies.
///
/// # Checks
///
/// | checked property | here | by webauthn-rs too | by core |
/// |---|---|---|---|
/// | type, challenge, origin and relying party | yes, as exact text | with a statement | |
/// | `crossOrigin` and `topOrigin` | in both ceremonies | `crossOrigin`, with a statement | |
/// | user presence, user verification and backup flags | yes | with a statement | |
/// | client data: one UTF-8 JSON object without duplicate members | yes | | |
/// | CBOR: definite lengths, unique keys, at most four levels, no trailing bytes | yes | | |
/// | authenticator data: exactly the parts announced by its flags | yes | | |
/// | public key: ES256, ES384 or RS256 with 2,048 bits, as COSE_Key, with a point on its curve | yes | with a statement | |
/// | credential id: 1 to 1,023 bytes, and equal to the signed id | yes | | unique among all users |
/// | user handle | yes | | |
/// | credential belongs to the challenged user and was requested | | | yes |
/// | attestation: empty statement of the format `none`, and AAGUID lists | yes | | |
/// | attestation: `packed`, `fido-u2f`, `apple`, `android-key`, trust anchors and certificates | | yes | |
/// | attestation: other formats, without trust anchors | stored as untrusted | | |
/// | signature of an assertion | yes, with AWS-LC | | |
/// | signature counter | | | by compare-and-set |
/// | challenge: single success, expiry and attempt limit | | | yes |
///
/// "With a statement" means at registration with an attestation statement of another format than `none`.
///
/// The signed flag decides whether the user was verified. Where user verification is preferred, a credential registered
/// with user verification cannot be used without it, unless the challenge also admits a credential without user
/// verification.
///
/// `tokenBinding` of Levels 1 and 2 is ignored in client data, as are unknown members.
///
/// # Timing
///
/// An assertion with the id of an unknown credential is verified with the key of another credential of the user, and
/// the verdict is discarded. Both cost the same cryptography. The response time still reveals:
///
/// - the first failed step, since each ceremony ends there,
/// - a malformed answer, verified with no key,
/// - an enrolled credential, since core stores each wrong answer to the challenge. [Request
///   options](challenges_core::webauthn::Webauthn::request_options) name these credentials anyway.
///
/// # Stricter than the standard
///
/// The following are rejected:
///
/// - a byte order mark before client data,
/// - an attestation format that is not an identifier of section 8.1,
/// - `topOrigin` without `crossOrigin`,
/// - extension outputs outside of CTAP's encoding,
/// - a change of a credential's backup eligibility,
/// - keys for ES512, EdDSA and RSA of other lengths, because options offer only algorithms that can be verified.
#[derive(Clone, Debug, Default)]
pub struct Webauthn {
    pub(crate) relying_parties: BTreeMap<RelyingPartyId, RelyingParty>,
    pub(crate) only_configured: bool,
    pub(crate) attestation: AttestationPolicy,
}

impl Webauthn {
    /// Creates ceremonies for any relying party.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates ceremonies for an application at one origin, such as `https://app.example` or `http://localhost:3000`. The
    /// relying party is the host name.
    ///
    /// # Errors
    ///
    /// - [`WebauthnError::Origin`] if the text is not an origin, or the host is an IP address.
    /// - [`WebauthnError::InsecureOrigin`] for http on another host than `localhost`.
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_webauthn::Webauthn;
    ///
    /// # fn main() -> Result<(), challenges_webauthn::WebauthnError> {
    /// let webauthn = Webauthn::for_origin("http://localhost:3000")?;
    /// assert!(Webauthn::for_origin("http://127.0.0.1:3000").is_err());
    /// # let _ = webauthn;
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_origin(origin: &str) -> Result<Self, WebauthnError> {
        let malformed = || WebauthnError::Origin(origin.to_owned());
        let parsed: Origin = origin.parse().map_err(|_| malformed())?;
        let url = Url::parse(parsed.as_str()).map_err(|_| malformed())?;
        let host = url.domain().and_then(|host| host.parse().ok()).ok_or_else(malformed)?;
        Self::builder().relying_party(host, [parsed]).build()
    }

    fn top_origins(&self, relying_party: &RelyingPartyId) -> &[Origin] {
        self.relying_parties.get(relying_party).map_or(&[], |it| &it.top_origins)
    }
}

impl Ceremonies for Webauthn {
    fn origins(&self, relying_party: &RelyingPartyId) -> Vec<Origin> {
        match self.relying_parties.get(relying_party) {
            None if self.only_configured => Vec::new(),
            Some(RelyingParty { origins: Some(origins), .. }) => origins.clone(),
            _ => vec![relying_party.https_origin()],
        }
    }

    fn requires_attestation(&self) -> bool {
        self.attestation.trust_anchors.is_some()
    }

    fn creation_options(&self, creation: &Creation<'_>) -> Value {
        let relying_party = self.relying_parties.get(creation.relying_party);
        let name = relying_party.and_then(|it| it.name.as_deref()).unwrap_or(creation.relying_party.as_str());
        options::creation(creation, name, self.requires_attestation())
    }

    fn request_options(&self, request: &Request<'_>) -> Value {
        options::request(request)
    }

    fn register(&self, registration: &Registration<'_>) -> Result<Credential, Rejected> {
        registration::verify(registration, self.top_origins(registration.relying_party), &self.attestation)
    }

    fn admit(&self, credential: &Credential) -> Result<(), Rejected> {
        registration::admit(credential, &self.attestation)
    }

    fn authenticate(&self, authentication: &Authentication<'_>) -> Result<Asserted, Rejected> {
        authentication::verify(authentication, self.top_origins(authentication.relying_party))
    }
}
