use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use challenges_core::webauthn::Rejected;
use minicbor::Decoder;
use minicbor::data::Type;

use crate::cbor::{Malformed, map_length};

/// The offered algorithms by preference, as COSE numbers (RFC 9053 section 2, RFC 8812 section 2): ES256, ES384, RS256.
pub(crate) const ALGORITHMS: [i64; 3] = [ES256, ES384, RS256];

const ES256: i64 = -7;
const ES384: i64 = -35;
const RS256: i64 = -257;

const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const P384: i64 = 2;

/// The only accepted RSA exponent: 65,537.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// The public key of a credential, for one of [`ALGORITHMS`].
#[derive(Debug)]
pub(crate) enum CoseKey<'a> {
    Ecdsa(UnparsedPublicKey<Vec<u8>>),
    Rsa(RsaPublicKeyComponents<&'a [u8]>),
}

impl<'a> CoseKey<'a> {
    /// Reads a COSE_Key (RFC 9052 section 7) with exactly the members of its key type (section 5.8.5).
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Rejected> {
        let members = Members::read(bytes).map_err(|_| Rejected::PublicKey)?;
        members.key().ok_or(match members.algorithm {
            Some(algorithm) if !ALGORITHMS.contains(&algorithm) => Rejected::Algorithm,
            _ => Rejected::PublicKey,
        })
    }

    /// Rejects a point off its curve, and a modulus that is even or shorter than 2,048 bits.
    pub(crate) fn validate(&self) -> Result<(), Rejected> {
        let valid = match self {
            Self::Ecdsa(key) => key.parse().is_ok(),
            Self::Rsa(key) => matches!(key.n, [first, .., last] if first & 0x80 != 0 && last & 1 == 1),
        };
        if valid { Ok(()) } else { Err(Rejected::PublicKey) }
    }

    /// Verifies a signature in the format of section 6.5.5.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Rejected> {
        let verified = match self {
            Self::Ecdsa(key) => key.verify(message, signature),
            Self::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
        };
        verified.map_err(|_| Rejected::Signature)
    }

    /// Creates a key from a point's coordinates, in uncompressed form (SEC 1 section 2.3.3).
    fn ecdsa(algorithm: &'static EcdsaVerificationAlgorithm, x: &[u8], y: &[u8]) -> Self {
        Self::Ecdsa(UnparsedPublicKey::new(algorithm, [&[4], x, y].concat()))
    }
}

/// The members of a COSE_Key. Labels have different meanings for different key types.
#[derive(Default)]
struct Members<'a> {
    /// Label 1: the key type.
    kind: Option<i64>,
    /// Label 3: the algorithm.
    algorithm: Option<i64>,
    /// Label -1, as a number: the curve.
    curve: Option<i64>,
    /// Label -1, as bytes: the RSA modulus.
    n: Option<&'a [u8]>,
    /// Label -2: the x coordinate, or the RSA exponent.
    x: Option<&'a [u8]>,
    /// Label -3: the y coordinate.
    y: Option<&'a [u8]>,
}

impl<'a> Members<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut members = Self::default();
        let mut decoder = Decoder::new(bytes);
        for _ in 0..map_length(&mut decoder)? {
            let label = decoder.i64()?;
            let is_bytes = decoder.datatype()? == Type::Bytes;
            match label {
                1 => set_once(&mut members.kind, decoder.i64()?)?,
                3 => set_once(&mut members.algorithm, decoder.i64()?)?,
                -1 if is_bytes => set_once(&mut members.n, decoder.bytes()?)?,
                -1 => set_once(&mut members.curve, decoder.i64()?)?,
                -2 => set_once(&mut members.x, decoder.bytes()?)?,
                -3 => set_once(&mut members.y, decoder.bytes()?)?,
                _ => return Err(Malformed),
            }
        }
        if decoder.position() == bytes.len() { Ok(members) } else { Err(Malformed) }
    }

    fn key(&self) -> Option<CoseKey<'a>> {
        let Self { kind, algorithm, curve, n, x, y } = *self;
        match (algorithm?, kind?, curve, n, x?, y) {
            (ES256, EC2, Some(P256), None, x, Some(y)) if x.len() == 32 && y.len() == 32 => {
                Some(CoseKey::ecdsa(&ECDSA_P256_SHA256_ASN1, x, y))
            }
            (ES384, EC2, Some(P384), None, x, Some(y)) if x.len() == 48 && y.len() == 48 => {
                Some(CoseKey::ecdsa(&ECDSA_P384_SHA384_ASN1, x, y))
            }
            (RS256, RSA, None, Some(n), e, None) if n.len() == 256 && e == RSA_EXPONENT => {
                Some(CoseKey::Rsa(RsaPublicKeyComponents { n, e }))
            }
            _ => None,
        }
    }
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> Result<(), Malformed> {
    if slot.replace(value).is_none() { Ok(()) } else { Err(Malformed) }
}
