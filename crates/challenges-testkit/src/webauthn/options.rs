use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::Value;

/// Why a key made nothing, as a browser would not either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The options lack a member, or have it in another form than the JSON one of Level 3.
    #[error("the options have no {0}, or have it in another form than the JSON one of WebAuthn Level 3")]
    Options(&'static str),
    /// The key's algorithm is not among those offered.
    #[error("the algorithm of this key is not offered")]
    Algorithm,
    /// The key's credential is among those excluded.
    #[error("the credential of this key is excluded")]
    Excluded,
    /// The key has no credential for the relying party, or not one of those allowed.
    #[error("this key holds none of the allowed credentials")]
    NoCredential,
}

/// The text at that place, a JSON pointer (RFC 6901).
pub(super) fn text<'a>(options: &'a Value, place: &'static str) -> Result<&'a str, Refused> {
    options.pointer(place).and_then(Value::as_str).ok_or(Refused::Options(place))
}

/// The bytes at that place, in unpadded base64url.
pub(super) fn bytes(options: &Value, place: &'static str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD.decode(text(options, place)?).map_err(|_| Refused::Options(place))
}

/// The list at that place; an empty one, where there is none.
pub(super) fn list<'a>(options: &'a Value, place: &'static str) -> Result<&'a [Value], Refused> {
    match options.pointer(place) {
        None => Ok(&[]),
        Some(value) => value.as_array().map(Vec::as_slice).ok_or(Refused::Options(place)),
    }
}

/// The credential ids in the list at that place.
pub(super) fn credential_ids(options: &Value, place: &'static str) -> Result<Vec<Vec<u8>>, Refused> {
    let ids = list(options, place)?.iter().map(|descriptor| bytes(descriptor, "/id"));
    ids.collect::<Result<_, _>>().map_err(|_| Refused::Options(place))
}

/// Whether user verification is asked for, which it is by default.
pub(super) fn asks_for_verification(options: &Value, place: &'static str) -> Result<bool, Refused> {
    match options.pointer(place).map_or(Some("preferred"), Value::as_str) {
        Some("required" | "preferred") => Ok(true),
        Some("discouraged") => Ok(false),
        _ => Err(Refused::Options(place)),
    }
}
