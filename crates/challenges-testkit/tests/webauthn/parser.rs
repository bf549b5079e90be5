//! An independent parser from the text of the standards, with signature verification by another library.

use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use ciborium::Value as Item;
use sha2::{Digest, Sha256};

pub(crate) fn item(bytes: &[u8]) -> Item {
    let mut rest = bytes;
    let item = ciborium::from_reader(&mut rest).unwrap();
    assert!(rest.is_empty(), "{} bytes after the item", rest.len());
    item
}

pub(crate) fn member(map: &Item, key: impl Into<Item>) -> &Item {
    let key = key.into();
    let (_, value) = map.as_map().unwrap().iter().find(|(name, _)| *name == key).unwrap();
    value
}

pub(crate) fn member_bytes(map: &Item, key: impl Into<Item>) -> &[u8] {
    member(map, key).as_bytes().unwrap()
}

/// Authenticator data, parsed by the offsets of section 6.1.
pub(crate) struct Parts {
    pub(crate) rp_id_hash: Vec<u8>,
    pub(crate) flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) attested: Option<(Vec<u8>, Vec<u8>, Item)>,
}

pub(crate) fn parts(bytes: &[u8]) -> Parts {
    let attested = (bytes.len() > 37).then(|| {
        let length = usize::from(u16::from_be_bytes([bytes[53], bytes[54]]));
        (bytes[37..53].to_vec(), bytes[55..55 + length].to_vec(), item(&bytes[55 + length..]))
    });
    Parts {
        rp_id_hash: bytes[..32].to_vec(),
        flags: bytes[32],
        sign_count: u32::from_be_bytes(bytes[33..37].try_into().unwrap()),
        attested,
    }
}

/// Returns whether the signature over the message verifies with the `COSE_Key`.
pub(crate) fn verifies(cose_key: &Item, message: &[u8], signature: &[u8]) -> bool {
    let int = |label: i64| i64::try_from(member(cose_key, label).as_integer().unwrap()).unwrap();
    let bytes = |label: i64| member_bytes(cose_key, label);
    let point = || [&[4], bytes(-2), bytes(-3)].concat();
    let verified = match (int(1), int(3)) {
        (2, -7) if int(-1) == 1 => {
            UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point()).verify(message, signature)
        }
        (2, -35) if int(-1) == 2 => {
            UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_ASN1, point()).verify(message, signature)
        }
        (3, -257) => {
            assert_eq!(bytes(-1).len(), 256);
            RsaPublicKeyComponents { n: bytes(-1), e: bytes(-2) }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            )
        }
        (1, -8) if int(-1) == 6 => UnparsedPublicKey::new(&signature::ED25519, bytes(-2)).verify(message, signature),
        other => panic!("unknown key type and algorithm: {other:?}"),
    };
    verified.is_ok()
}

pub(crate) fn signed_message(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, &Sha256::digest(client_data)].concat()
}
