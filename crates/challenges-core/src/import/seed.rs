use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::fields::{Fields, from_hex, refuse};
use crate::error::Invalid;
use crate::totp::{Digest, Parameters, Seed};

const URI: &str = "an otpauth://totp/ URI, or an object with secret or secret_hex";
const BASE32: &str = "base32 (RFC 4648) without spaces";
const HEX: &str = "hexadecimal digits";
const ALGORITHM: &str = "SHA1, SHA256 or SHA512";
const DIGITS: &str = "6, 7 or 8";
const PERIOD: &str = "30 or 60 seconds";

/// Reads the member `totp` of a row.
pub(super) fn read(totp: Value) -> Result<Seed, Invalid> {
    match totp {
        Value::String(uri) => from_uri(&Zeroizing::new(uri)),
        totp => from_fields(Fields::read("totp", totp)?),
    }
}

fn from_fields(mut fields: Fields) -> Result<Seed, Invalid> {
    let secret = fields.text(&["secret"], "secret", BASE32)?.map(Zeroizing::new);
    let hexadecimal = fields.text(&["secret_hex"], "secret_hex", HEX)?.map(Zeroizing::new);
    let key = match (secret, hexadecimal) {
        (Some(secret), None) => base32(&secret)?,
        (None, Some(digits)) => from_hex(&digits).map(Zeroizing::new).ok_or(refuse("secret_hex", HEX))?,
        (Some(_), Some(_)) | (None, None) => return Err(refuse("secret", "given once, as secret or secret_hex")),
    };
    let algorithm = fields.text(&["algorithm"], "algorithm", ALGORITHM)?;
    let parameters =
        parameters(algorithm.as_deref(), fields.number(&["digits"], "digits")?, fields.number(&["period"], "period")?)?;
    fields.finish("an object with secret or secret_hex, algorithm, digits and period only")?;
    seed(key, parameters)
}

/// Reads a URI of the Key URI Format. Members without a meaning here, such as `issuer` and `image`, are ignored.
fn from_uri(uri: &str) -> Result<Seed, Invalid> {
    let url = Url::parse(uri).map_err(|_| refuse("totp", URI))?;
    if url.scheme() != "otpauth" {
        return Err(refuse("totp", URI));
    }
    if url.host_str() != Some("totp") {
        return Err(refuse("type", "totp, after otpauth://; codes by counter (hotp) are not supported"));
    }
    let member = |name: &'static str| {
        let mut found = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(refuse(name, "named once in the URI")),
        }
    };
    let number = |name, need| match member(name)? {
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| refuse(name, need)),
        None => Ok(None),
    };
    let secret = member("secret")?.ok_or(refuse("secret", BASE32))?;
    let algorithm = member("algorithm")?;
    let parameters = parameters(algorithm.as_deref(), number("digits", DIGITS)?, number("period", PERIOD)?)?;
    seed(base32(&secret)?, parameters)
}

fn parameters(algorithm: Option<&str>, digits: Option<u64>, period: Option<u64>) -> Result<Parameters, Invalid> {
    let digest = match algorithm.map(str::to_ascii_uppercase).as_deref() {
        None | Some("SHA1" | "SHA-1") => Digest::Sha1,
        Some("SHA256" | "SHA-256") => Digest::Sha256,
        Some("SHA512" | "SHA-512") => Digest::Sha512,
        Some(_) => return Err(refuse("algorithm", ALGORITHM)),
    };
    let digits = digits.unwrap_or(6).try_into().ok().filter(|digits| (6..=8).contains(digits));
    Parameters::new(digest, digits.ok_or(refuse("digits", DIGITS))?, period.unwrap_or(30))
        .ok_or(refuse("period", PERIOD))
}

fn seed(key: Zeroizing<Vec<u8>>, parameters: Parameters) -> Result<Seed, Invalid> {
    Seed::new(key, parameters).ok_or(refuse("secret", "10 to 128 bytes (80 to 1024 bits)"))
}

fn base32(text: &str) -> Result<Zeroizing<Vec<u8>>, Invalid> {
    let text = Zeroizing::new(text.trim_end_matches('=').to_ascii_uppercase());
    // A group of 8 characters with 1, 3 or 6 characters is cut off: the last character holds no whole byte.
    let is_whole = ![1, 3, 6].contains(&(text.len() % 8));
    let key = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, &text).filter(|_| is_whole);
    key.map(Zeroizing::new).ok_or(refuse("secret", BASE32))
}
