use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::Value;

/// The reason for a refused ceremony, as in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A member of the options is missing, or is not in the JSON form of WebAuthn Level 3.
    #[error("{0} is missing from the options, or is not in the JSON form of WebAuthn Level 3")]
    Options(&'static str),
    /// The options do not offer the key's algorithm.
    #[error("the options do not offer the algorithm of this key")]
    Algorithm,
    /// The options exclude the key's credential.
    #[error("the options exclude the credential of this key")]
    Excluded,
    /// The key has no credential for the relying party, or the options do not allow the credential.
    #[error("this key has no credential that the options allow")]
    NoCredential,
}

/// Returns the text at `place`, a JSON pointer (RFC 6901).
pub(super) fn text<'a>(options: &'a Value, place: &'static str) -> Result<&'a str, Refused> {
    options.pointer(place).and_then(Value::as_str).ok_or(Refused::Options(place))
}

/// Returns the bytes at `place`, in unpadded base64url.
pub(super) fn bytes(options: &Value, place: &'static str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD.decode(text(options, place)?).map_err(|_| Refused::Options(place))
}

/// Returns the list at `place`, or an empty list if the member is missing.
pub(super) fn list<'a>(options: &'a Value, place: &'static str) -> Result<&'a [Value], Refused> {
    match options.pointer(place) {
        None => Ok(&[]),
        Some(value) => value.as_array().map(Vec::as_slice).ok_or(Refused::Options(place)),
    }
}

/// Returns the credential ids in the list at `place`.
pub(super) fn credential_ids(options: &Value, place: &'static str) -> Result<Vec<Vec<u8>>, Refused> {
    let ids = list(options, place)?.iter().map(|descriptor| bytes(descriptor, "/id"));
    ids.collect::<Result<_, _>>().map_err(|_| Refused::Options(place))
}

/// Returns whether the options require or prefer user verification. Default: preferred.
pub(super) fn asks_for_verification(options: &Value, place: &'static str) -> Result<bool, Refused> {
    match options.pointer(place).map_or(Some("preferred"), Value::as_str) {
        Some("required" | "preferred") => Ok(true),
        Some("discouraged") => Ok(false),
        _ => Err(Refused::Options(place)),
    }
}
