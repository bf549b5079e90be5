use uuid::Uuid;

use super::cbor::Cbor;
use super::private_key::{Algorithm, PrivateKey};

/// The certification authority of an authenticator vendor, for tests of trust anchors.
#[derive(Clone, Debug)]
pub struct AttestationCa {
    /// The common name, unique for each seed.
    pub name: String,
    private_key: PrivateKey,
}

/// A private key for attestations with its certificate (section 8.2.1).
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct AttestationCertificate {
    /// The signing key of the attestation.
    pub private_key: PrivateKey,
    /// The certificate chain in DER, without the trust anchor. [`AttestationCa::issue`] uses no intermediates.
    pub chain: Vec<Vec<u8>>,
}

impl AttestationCa {
    /// Creates an authority from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let private_key = PrivateKey::new(Algorithm::Es256, seed);
        Self { name: format!("Attestation authority {seed}"), private_key }
    }

    /// Returns the authority's certificate in DER: the trust anchor.
    #[must_use]
    pub fn certificate(&self) -> Vec<u8> {
        let is_authority = der(SEQUENCE, &[&[0x01, 0x01, 0xff]]);
        let signs_certificates = [BIT_STRING, 2, 2, 1 << 2];
        let extensions =
            [extension(BASIC_CONSTRAINTS, true, &is_authority), extension(KEY_USAGE, true, &signs_certificates)];
        self.sign(&name(&self.name), &self.private_key, &extensions.concat())
    }

    /// Issues a certificate for authenticators of the given make and model, with a private key from the seed.
    #[must_use]
    pub fn issue(&self, aaguid: Uuid, seed: u64) -> AttestationCertificate {
        let private_key = PrivateKey::new(Algorithm::Es256, seed);
        let extensions = [
            extension(BASIC_CONSTRAINTS, true, &der(SEQUENCE, &[])),
            extension(FIDO_AAGUID, false, &der(OCTET_STRING, &[aaguid.as_bytes()])),
        ];
        let certificate = self.sign(&name("Security key"), &private_key, &extensions.concat());
        AttestationCertificate { private_key, chain: vec![certificate] }
    }

    /// Signs a certificate (RFC 5280 section 4.1).
    fn sign(&self, subject: &[u8], subject_key: &PrivateKey, extensions: &[u8]) -> Vec<u8> {
        let algorithm = der(SEQUENCE, &[&der(OID, &[ECDSA_WITH_SHA256])]);
        let curve = der(SEQUENCE, &[&der(OID, &[EC_PUBLIC_KEY]), &der(OID, &[P256])]);
        let to_be_signed = der(
            SEQUENCE,
            &[
                &der(EXPLICIT_0, &[&[INTEGER, 1, 2]]),
                &[INTEGER, 1, 1],
                &algorithm,
                &name(&self.name),
                &der(SEQUENCE, &[&der(UTC_TIME, &[b"200101000000Z"]), &der(GENERALIZED_TIME, &[b"99991231235959Z"])]),
                subject,
                &der(SEQUENCE, &[&curve, &der(BIT_STRING, &[&[0], &subject_key.point()])]),
                &der(EXPLICIT_3, &[&der(SEQUENCE, &[extensions])]),
            ],
        );
        let signature = self.private_key.sign(&to_be_signed);
        der(SEQUENCE, &[&to_be_signed, &algorithm, &der(BIT_STRING, &[&[0], &signature])])
    }
}

impl AttestationCertificate {
    pub(super) fn x5c(&self) -> Cbor {
        Cbor::Array(self.chain.iter().cloned().map(Cbor::from).collect())
    }
}

/// Returns a name with the attributes required by section 8.2.1.
fn name(common_name: &str) -> Vec<u8> {
    let attribute = |attribute_type: &[u8], tag, value: &str| {
        der(SET, &[&der(SEQUENCE, &[&der(OID, &[attribute_type]), &der(tag, &[value.as_bytes()])])])
    };
    der(
        SEQUENCE,
        &[
            &attribute(COUNTRY, PRINTABLE_STRING, "AA"),
            &attribute(ORGANIZATION, UTF8_STRING, "Challenges"),
            &attribute(ORGANIZATIONAL_UNIT, UTF8_STRING, "Authenticator Attestation"),
            &attribute(COMMON_NAME, UTF8_STRING, common_name),
        ],
    )
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    der(SEQUENCE, &[&der(OID, &[id]), critical, &der(OCTET_STRING, &[value])])
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xa0;
const EXPLICIT_3: u8 = 0xa3;

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const COUNTRY: &[u8] = &[0x55, 4, 6];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 4, 11];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const FIDO_AAGUID: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0xe5, 0x1c, 1, 1, 4];

/// Encodes tag, length and contents (X.690 section 8.1), up to 65,535 bytes.
fn der(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let [high, low] = u16::try_from(contents.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut out = match (high, low) {
        (0, 0..=127) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    out.extend(contents);
    out
}
