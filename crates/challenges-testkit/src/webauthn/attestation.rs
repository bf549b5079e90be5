use sha2::{Digest, Sha256};

use super::authenticator_data::AuthenticatorData;
use super::cbor::Cbor;
use super::certificate::AttestationCertificate;
use super::private_key::PrivateKey;

/// How a new credential is attested (section 8).
#[derive(Clone, Debug, Default)]
pub enum Attestation {
    /// Not at all: format `none`.
    #[default]
    None,
    /// By itself: format `packed` without a certificate.
    Itself,
    /// By a certificate: format `packed`.
    Packed(AttestationCertificate),
    /// By a certificate, as FIDO U2F does: format `fido-u2f`. Such authenticators have ES256 alone, an AAGUID of zeros and
    /// no user verification; that is for the key to be set to.
    FidoU2f(AttestationCertificate),
    /// Whatever it says here.
    Other {
        /// The format.
        format: String,
        /// The statement.
        statement: Cbor,
    },
}

impl Attestation {
    /// The format and the statement.
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

/// What is attested.
pub(super) struct Attested<'a> {
    pub(super) private_key: &'a PrivateKey,
    pub(super) authenticator_data: &'a AuthenticatorData,
    pub(super) authenticator_data_bytes: &'a [u8],
    pub(super) client_data: &'a [u8],
}

impl Attested<'_> {
    /// Section 8.2.
    fn packed_message(&self) -> Vec<u8> {
        signed_message(self.authenticator_data_bytes, self.client_data)
    }

    /// Section 8.6.
    fn u2f_message(&self) -> Vec<u8> {
        let mut message = vec![0];
        message.extend(self.authenticator_data.rp_id_hash());
        message.extend(Sha256::digest(self.client_data));
        message.extend(self.authenticator_data.attested.iter().flat_map(|attested| &attested.id));
        message.extend(self.private_key.point());
        message
    }
}

/// What assertions and packed attestations sign (section 6.3.3 step 11).
pub(super) fn signed_message(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, Sha256::digest(client_data).as_slice()].concat()
}
