use challenges_core::webauthn::Transport;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use uuid::Uuid;

use super::assertion::Assertion;
use super::attestation::Attestation;
use super::authenticator_data::{AttestedCredential, AuthenticatorData, flags};
use super::client_data::ClientData;
use super::options::{self, Refused};
use super::private_key::{Algorithm, PrivateKey};
use super::registration::NewCredential;

/// An authenticator with a single credential. The fields configure capabilities; every ceremony result is valid.
#[derive(Clone, Debug)]
pub struct SecurityKey {
    /// The private key of the credential.
    pub private_key: PrivateKey,
    /// The credential id. Default: 32 bytes from the seed.
    pub credential_id: Vec<u8>,
    /// The make and model. Default: from the seed.
    pub aaguid: Uuid,
    /// The attestation if the options ask for more than `none`. Default: none.
    pub attestation: Attestation,
    /// Support for user verification. Default: true.
    ///
    /// With support, the key sets [`flags::UV`] if the options require or prefer user verification. A key without
    /// support still answers options that require verification, without the flag.
    pub verifies_user: bool,
    /// The backup eligibility of the credential. Default: false.
    pub backup_eligible: bool,
    /// The backup state of the credential. Default: false.
    pub backed_up: bool,
    /// The signature counter, incremented at each use. Default: starts at 0.
    ///
    /// With `None` the key has no counter and reports 0.
    pub sign_count: Option<u32>,
    /// Storage of the user handle, so that the options need not name the credential. Default: true.
    pub keeps_user_handle: bool,
    /// The transports. Default: USB.
    pub transports: Vec<Transport>,
    registered: Option<Registered>,
}

#[derive(Clone, Debug)]
struct Registered {
    rp_id: String,
    user_handle: Vec<u8>,
}

impl SecurityKey {
    /// Creates a key for ES256 from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_algorithm(Algorithm::Es256, seed)
    }

    /// Creates a key for the given algorithm from a seed.
    #[must_use]
    pub fn with_algorithm(algorithm: Algorithm, seed: u64) -> Self {
        // The complement, so that these bytes differ from the private key.
        let mut rng = StdRng::seed_from_u64(!seed);
        let (mut credential_id, mut aaguid) = ([0; 32], [0; 16]);
        rng.fill_bytes(&mut credential_id);
        rng.fill_bytes(&mut aaguid);
        Self {
            private_key: PrivateKey::new(algorithm, seed),
            credential_id: credential_id.to_vec(),
            aaguid: Uuid::from_bytes(aaguid),
            attestation: Attestation::None,
            verifies_user: true,
            backup_eligible: false,
            backed_up: false,
            sign_count: Some(0),
            keeps_user_handle: true,
            transports: vec![Transport::Usb],
            registered: None,
        }
    }

    /// Creates the credential from creation options in the JSON form of Level 3 (section 5.1.9).
    ///
    /// A later call creates the same credential again and replaces the relying party and the user handle.
    ///
    /// # Errors
    ///
    /// - [`Refused::Options`] when the options are malformed
    /// - [`Refused::Algorithm`] when the options do not offer the key's algorithm
    /// - [`Refused::Excluded`] when the options exclude the credential
    pub fn create(&mut self, creation_options: &Value, origin: &str) -> Result<NewCredential, Refused> {
        let algorithm = Some(self.private_key.algorithm().cose());
        let offered = options::list(creation_options, "/pubKeyCredParams")?;
        if !offered.iter().any(|one| one["type"] == "public-key" && one["alg"].as_i64() == algorithm) {
            return Err(Refused::Algorithm);
        }
        if options::credential_ids(creation_options, "/excludeCredentials")?.contains(&self.credential_id) {
            return Err(Refused::Excluded);
        }
        let verify = options::asks_for_verification(creation_options, "/authenticatorSelection/userVerification")?;
        let rp_id = options::text(creation_options, "/rp/id")?;
        let attested = creation_options.get("attestation").is_some_and(|conveyance| conveyance != "none");
        let draft = NewCredential {
            client_data: client_data("webauthn.create", creation_options, origin)?,
            authenticator_data: AuthenticatorData {
                flags: self.flags(verify) | flags::AT,
                attested: Some(self.attested_credential()),
                ..self.authenticator_data(rp_id, verify)
            },
            attestation: if attested { self.attestation.clone() } else { Attestation::None },
            private_key: self.private_key.clone(),
            transports: self.transports.clone(),
        };
        let user_handle = options::bytes(creation_options, "/user/id")?;
        self.registered = Some(Registered { rp_id: rp_id.to_owned(), user_handle });
        Ok(draft)
    }

    /// Uses the credential with request options in the JSON form of Level 3 (section 5.1.10).
    ///
    /// # Errors
    ///
    /// - [`Refused::Options`] when the options are malformed
    /// - [`Refused::NoCredential`] when the key has no credential for the relying party, or the options do not allow
    ///   the credential. Options without credential ids allow the credential of a key that stores the user handle.
    pub fn get(&mut self, request_options: &Value, origin: &str) -> Result<Assertion, Refused> {
        let rp_id = options::text(request_options, "/rpId")?;
        let allowed = options::credential_ids(request_options, "/allowCredentials")?;
        let verify = options::asks_for_verification(request_options, "/userVerification")?;
        let client_data = client_data("webauthn.get", request_options, origin)?;
        let named = if allowed.is_empty() { self.keeps_user_handle } else { allowed.contains(&self.credential_id) };
        let registered = self.registered.as_ref().filter(|it| named && it.rp_id == rp_id);
        let user_handle = registered.ok_or(Refused::NoCredential)?.user_handle.clone();
        self.sign_count = self.sign_count.map(|count| count.saturating_add(1));
        Ok(Assertion {
            client_data,
            authenticator_data: self.authenticator_data(rp_id, verify),
            private_key: self.private_key.clone(),
            credential_id: self.credential_id.clone(),
            user_handle: self.keeps_user_handle.then_some(user_handle),
        })
    }

    /// Returns the attested credential data of the registration. Assertions do not normally contain this data.
    #[must_use]
    pub fn attested_credential(&self) -> AttestedCredential {
        AttestedCredential {
            aaguid: self.aaguid,
            id: self.credential_id.clone(),
            public_key: self.private_key.public_key(),
        }
    }

    fn authenticator_data(&self, rp_id: &str, verify: bool) -> AuthenticatorData {
        AuthenticatorData {
            rp_id: rp_id.to_owned(),
            flags: self.flags(verify),
            sign_count: self.sign_count.unwrap_or(0),
            attested: None,
            extensions: Vec::new(),
        }
    }

    fn flags(&self, verify: bool) -> u8 {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        flags::UP
            | flag(verify && self.verifies_user, flags::UV)
            | flag(self.backup_eligible, flags::BE)
            | flag(self.backed_up, flags::BS)
    }
}

fn client_data(kind: &str, options: &Value, origin: &str) -> Result<ClientData, Refused> {
    options::bytes(options, "/challenge")?;
    Ok(ClientData::new(kind, options::text(options, "/challenge")?, origin))
}
