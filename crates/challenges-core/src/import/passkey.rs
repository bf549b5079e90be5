//! Credentials in the JSON of webauthn-rs: the member `cred` of `Passkey`, `SecurityKey` and `AttestedPasskey`.

use serde_json::Value;
use uuid::Uuid;

use super::fields::{Fields, refuse};
use super::parts::{Parts, id, sign_count, transports};
use crate::ceremony::{Credential, Preference, PublicKey};
use crate::error::{Invalid, Rejected};

const FLAG: &str = "present, as in the JSON of webauthn-rs 0.5 and 0.6";

/// Reads a `Credential` of webauthn-rs. Attestations are not verified again and count as untrusted.
pub(super) fn read(credential: Value) -> Result<Parts, Invalid> {
    let mut cred = Fields::read("cred", credential)?;
    let mut flag = |name| cred.flag(&[name], name)?.ok_or(refuse(name, FLAG));
    let (user_verified, backup_eligible) = (flag("user_verified")?, flag("backup_eligible")?);
    let backed_up = flag("backup_state")?;
    let policy = cred.text(&["registration_policy"], "registration_policy", FLAG)?;
    let policy = policy.ok_or(refuse("registration_policy", FLAG))?.parse::<Preference>()?;
    let credential = Credential {
        id: id(cred.bytes(&["cred_id"], "cred_id")?)?,
        public_key: public_key(cred.take(&["cred"]).unwrap_or_default())?,
        sign_count: sign_count(cred.number(&["counter"], "counter")?)?,
        aaguid: Uuid::from_bytes([0; 16]),
        user_verified,
        backup_eligible,
        backed_up,
        transports: transports(cred.take(&["transports"]))?,
        attestation_format: "none".to_owned(),
        attestation_trusted: false,
    };
    Ok((credential, None, Some(policy)))
}

/// Writes a `COSEKey` of webauthn-rs as a COSE_Key (RFC 9052 section 7). The ceremonies check the result.
fn public_key(key: Value) -> Result<PublicKey, Invalid> {
    let mut key = Fields::read("cred.cred", key)?;
    let algorithm = key.text(&["type_"], "type_", "the name of a COSE algorithm")?;
    let mut parameters = Fields::read("key", key.take(&["key"]).unwrap_or_default())?;
    let is_elliptic = |parameters: &mut Fields, curve| match parameters.take(&["EC_EC2"]) {
        Some(point) => Point::read(point, curve),
        None => Err(refuse("key", "the key of its algorithm")),
    };
    let cose = match algorithm.as_deref() {
        Some("ES256" | "ECDSA_SHA256") => is_elliptic(&mut parameters, "SECP256R1")?.cose(&[0x26], 1),
        Some("ES384" | "ECDSA_SHA384") => is_elliptic(&mut parameters, "SECP384R1")?.cose(&[0x38, 0x22], 2),
        Some("RS256") => rsa(Fields::read("RSA", parameters.take(&["RSA"]).unwrap_or_default())?)?,
        Some(_) | None => return Err(Rejected::Algorithm.into()),
    };
    Ok(cose.into())
}

/// A point on a curve.
struct Point {
    x: Vec<u8>,
    y: Vec<u8>,
}

impl Point {
    fn read(point: Value, curve: &str) -> Result<Self, Invalid> {
        let mut point = Fields::read("EC_EC2", point)?;
        if point.text(&["curve"], "curve", "the curve of the algorithm")?.as_deref() != Some(curve) {
            return Err(refuse("curve", "the curve of the algorithm"));
        }
        Ok(Self { x: point.bytes(&["x"], "x")?, y: point.bytes(&["y"], "y")? })
    }

    /// Returns `{1: 2, 3: algorithm, -1: curve, -2: x, -3: y}`.
    fn cose(&self, algorithm: &[u8], curve: u8) -> Vec<u8> {
        let head: &[u8] = &[0xa5, 0x01, 0x02, 0x03];
        [head, algorithm, &[0x20, curve, 0x21], &string(&self.x), &[0x22], &string(&self.y)].concat()
    }
}

/// Returns `{1: 3, 3: -257, -1: n, -2: e}`.
fn rsa(mut key: Fields) -> Result<Vec<u8>, Invalid> {
    let (n, e) = (key.bytes(&["n"], "n")?, key.bytes(&["e"], "e")?);
    let head: &[u8] = &[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20];
    Ok([head, &string(&n), &[0x21], &string(&e)].concat())
}

/// Writes a byte string of CBOR in the shortest form (RFC 8949 section 3.1). A string of 2^16 bytes or more, longer
/// than any key, comes out malformed.
fn string(bytes: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(bytes.len()).unwrap_or_default().to_be_bytes();
    let head: &[u8] = match (high, low) {
        (0, 0..24) => &[0x40 | low],
        (0, _) => &[0x58, low],
        _ => &[0x59, high, low],
    };
    [head, bytes].concat()
}
