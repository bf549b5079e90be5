use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use challenges_core::webauthn::Credential;
use challenges_testkit::webauthn::SignedAssertion;

/// The ES256 signature of an assertion, verified by the same crypto library as the product.
pub(crate) struct Signature {
    point: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Signature {
    pub(crate) fn of(signed: &SignedAssertion, credential: &Credential) -> Self {
        let hash = digest(&SHA256, &signed.client_data);
        let message = [signed.authenticator_data.as_slice(), hash.as_ref()].concat();
        // The coordinates are the last two members of the COSE_Key.
        let cose = credential.public_key.as_bytes();
        let (x, y) = (&cose[cose.len() - 67..cose.len() - 35], &cose[cose.len() - 32..]);
        Self { point: [&[4], x, y].concat(), message, signature: signed.signature.clone() }
    }

    pub(crate) fn verify(&self) {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point);
        assert!(key.verify(&self.message, &self.signature).is_ok());
    }
}
