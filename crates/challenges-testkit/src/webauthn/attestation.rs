use sha2::{Digest, Sha256};

use super::authenticator_data::AuthenticatorData;
use super::cbor::Cbor;
use super::certificate::AttestationCertificate;
use super::private_key::PrivateKey;

/// The attestation of a new credential (section 8).
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_enums, reason = "tests build and match this")]
pub enum Attestation {
    /// No attestation: format `none`.
    #[default]
    None,
    /// Self attestation: format `packed` without a certificate.
    Itself,
    /// Attestation with a certificate: format `packed`.
    Packed(AttestationCertificate),
    /// FIDO U2F attestation with a certificate: format `fido-u2f`.
    ///
    /// Such authenticators support ES256 only, have an AAGUID of zeros and do not verify the user. The test must
    /// configure the key accordingly.
    FidoU2f(AttestationCertificate),
    /// A given format and statement.
    Other {
        /// The format.
        format: String,
        /// The statement.
        statement: Cbor,
    },
}

impl Attestation {
    /// Returns the format and the statement.
    pub(super) fn statement(&self, attested: &Attested<'_>) -> (String, Cbor) {
        let (format, statement) = match self {
            Self::None => ("none", Cbor::Map(Vec::new())),
            Self::Itself => {
                let algorithm = attested.private_key.algorithm().cose();
                let signature = attested.private_key.sign(&attested.packed_message());
                ("packed", Cbor::map([("alg", algorithm.into()), ("sig", signature.into())]))
            }
            Self::Packed(certificate) => {
                let algorithm = certificate.private_key.algorithm().cose();
                let signature = certificate.private_key.sign(&attested.packed_message());
                let members = [("alg", algorithm.into()), ("sig", signature.into()), ("x5c", certificate.x5c())];
                ("packed", Cbor::map(members))
            }
            Self::FidoU2f(certificate) => {
                let signature = certificate.private_key.sign(&attested.u2f_message());
                ("fido-u2f", Cbor::map([("sig", signature.into()), ("x5c", certificate.x5c())]))
            }
            Self::Other { format, statement } => (format.as_str(), statement.clone()),
        };
        (format.to_owned(), statement)
    }
}

/// The input of an attestation.
pub(super) struct Attested<'a> {
    pub(super) private_key: &'a PrivateKey,
    pub(super) authenticator_data: &'a AuthenticatorData,
    pub(super) authenticator_data_bytes: &'a [u8],
    pub(super) client_data: &'a [u8],
}

impl Attested<'_> {
    /// Returns the signed message of format `packed` (section 8.2).
    fn packed_message(&self) -> Vec<u8> {
        signed_message(self.authenticator_data_bytes, self.client_data)
    }

    /// Returns the signed message of format `fido-u2f` (section 8.6).
    fn u2f_message(&self) -> Vec<u8> {
        let mut message = vec![0];
        message.extend(self.authenticator_data.rp_id_hash());
        message.extend(Sha256::digest(self.client_data));
        message.extend(self.authenticator_data.attested.iter().flat_map(|attested| &attested.id));
        message.extend(self.private_key.point());
        message
    }
}

/// Returns the signed message of assertions and packed attestations (section 6.3.3 step 11).
pub(super) fn signed_message(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, Sha256::digest(client_data).as_slice()].concat()
}
