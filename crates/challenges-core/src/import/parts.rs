//! The members that every form of a credential has.

use serde_json::Value;

use super::fields::refuse;
use crate::ceremony::{Credential, CredentialId, Preference, Transport};
use crate::error::Invalid;

const TRANSPORTS: &str = "an array of names, its JSON text, or names with commas";

/// A credential, its display name, and the requirement on user verification.
pub(super) type Parts = (Credential, Option<String>, Option<Preference>);

pub(super) fn id(bytes: Vec<u8>) -> Result<CredentialId, Invalid> {
    bytes.try_into().map_err(|_| refuse("credential_id", "16 to 1023 bytes"))
}

pub(super) fn sign_count(number: Option<u64>) -> Result<u32, Invalid> {
    number.and_then(|number| number.try_into().ok()).ok_or(refuse("sign_count", "present, and less than 2^32"))
}

/// Reads the names of transports. Unknown names are handled as at registration.
pub(super) fn transports(value: Option<Value>) -> Result<Vec<Transport>, Invalid> {
    let value = match value {
        None => return Ok(Vec::new()),
        Some(Value::String(text)) if text.starts_with('[') => serde_json::from_str(&text).unwrap_or_default(),
        Some(value) => value,
    };
    match &value {
        Value::String(text) => Ok(Transport::known(text.split(',').map(str::trim).filter(|name| !name.is_empty()))),
        Value::Array(names) => {
            let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
            names.map(Transport::known).ok_or(refuse("transports", TRANSPORTS))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(refuse("transports", TRANSPORTS)),
    }
}
