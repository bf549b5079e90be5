use p256::ecdsa::signature::Signer;
use p256::elliptic_curve::Generate;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::cbor::Cbor;
use super::rsa::RsaKey;

/// A signature algorithm, by its name in the IANA registry of COSE algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "tests build and match this")]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256.
    #[default]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a modulus of 2,048 bits.
    Rs256,
    /// EdDSA with Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Returns the COSE number.
    #[must_use]
    pub const fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Es384 => -35,
            Self::Rs256 => -257,
            Self::EdDsa => -8,
        }
    }
}

/// The private key of a credential or an attestation.
#[derive(Clone, Debug)]
pub struct PrivateKey(Key);

#[derive(Clone, Debug)]
enum Key {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa(Box<RsaKey>),
    Ed25519(ed25519_dalek::SigningKey),
}

impl PrivateKey {
    /// Creates a key from a seed.
    ///
    /// RSA has only four fixed keys, chosen by the seed modulo 4, because RSA key generation is slow.
    #[must_use]
    pub fn new(algorithm: Algorithm, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        Self(match algorithm {
            Algorithm::Es256 => Key::P256(Generate::generate_from_rng(&mut rng)),
            Algorithm::Es384 => Key::P384(Generate::generate_from_rng(&mut rng)),
            Algorithm::Rs256 => Key::Rsa(Box::new(RsaKey::new(seed))),
            Algorithm::EdDsa => {
                let mut secret = [0; 32];
                rng.fill_bytes(&mut secret);
                Key::Ed25519(ed25519_dalek::SigningKey::from_bytes(&secret))
            }
        })
    }

    /// Creates a key from the scalar of an ECDSA key or the 32 bytes of an Ed25519 key.
    ///
    /// Returns `None` for an invalid key, and for RSA.
    #[must_use]
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        Some(Self(match algorithm {
            Algorithm::Es256 => Key::P256(p256::ecdsa::SigningKey::from_slice(bytes).ok()?),
            Algorithm::Es384 => Key::P384(p384::ecdsa::SigningKey::from_slice(bytes).ok()?),
            Algorithm::Rs256 => return None,
            Algorithm::EdDsa => Key::Ed25519(bytes.try_into().ok()?),
        }))
    }

    /// Returns the signature algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Key::P256(_) => Algorithm::Es256,
            Key::P384(_) => Algorithm::Es384,
            Key::Rsa(_) => Algorithm::Rs256,
            Key::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Returns the public key as a `COSE_Key` in the member order of CTAP2.
    #[must_use]
    pub fn public_key(&self) -> Cbor {
        let (key_type, parameters): (i64, Vec<(i64, Cbor)>) = match &self.0 {
            Key::P256(_) => (2, self.point_parameters(1)),
            Key::P384(_) => (2, self.point_parameters(2)),
            Key::Rsa(key) => (3, vec![(-1, key.modulus().into()), (-2, vec![1, 0, 1].into())]),
            Key::Ed25519(key) => (1, vec![(-1, 6.into()), (-2, key.verifying_key().to_bytes().to_vec().into())]),
        };
        let head = [(1, key_type.into()), (3, self.algorithm().cose().into())];
        Cbor::Map(head.into_iter().chain(parameters).map(|(label, value)| (label.into(), value)).collect())
    }

    /// Signs a message in the signature format of WebAuthn (section 6.5.5), with ECDSA in DER.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Key::P256(key) => Signer::<p256::ecdsa::DerSignature>::sign(key, message).as_bytes().to_vec(),
            Key::P384(key) => Signer::<p384::ecdsa::DerSignature>::sign(key, message).as_bytes().to_vec(),
            Key::Rsa(key) => key.sign(message),
            Key::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }

    /// Returns the uncompressed point of a P-256 or P-384 key (SEC 1 section 2.3.3). Empty for other keys.
    pub(super) fn point(&self) -> Vec<u8> {
        match &self.0 {
            Key::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Key::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Key::Rsa(_) | Key::Ed25519(_) => Vec::new(),
        }
    }

    fn point_parameters(&self, curve: i64) -> Vec<(i64, Cbor)> {
        let point = self.point();
        let coordinates = point.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        vec![(-1, curve.into()), (-2, x.to_vec().into()), (-3, y.to_vec().into())]
    }
}
