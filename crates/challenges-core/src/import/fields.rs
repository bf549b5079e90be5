use serde_json::{Map, Value};

use crate::ceremony::decode_base64;
use crate::error::Invalid;

/// The members of a JSON object, taken one by one.
pub(super) struct Fields {
    name: &'static str,
    members: Map<String, Value>,
}

/// Returns the error of a member that is missing or wrong.
pub(super) const fn refuse(field: &'static str, need: &'static str) -> Invalid {
    Invalid::Import { field, need }
}

impl Fields {
    /// Reads an object, or the text of an object.
    pub(super) fn read(name: &'static str, value: Value) -> Result<Self, Invalid> {
        let value = match value {
            Value::String(text) => serde_json::from_str(&text).unwrap_or_default(),
            value => value,
        };
        match value {
            Value::Object(members) => Ok(Self { name, members }),
            _ => Err(refuse(name, "a JSON object")),
        }
    }

    /// Takes the members of these names, and returns the first. A `null` counts as absent.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Value> {
        self.take_nullable(names).filter(|value| !value.is_null())
    }

    /// Takes the members of these names, and returns the first that is not `null`, or else a `null`.
    pub(super) fn take_nullable(&mut self, names: &[&str]) -> Option<Value> {
        let taken: Vec<Value> = names.iter().filter_map(|name| self.members.remove(*name)).collect();
        let null = taken.iter().any(Value::is_null).then_some(Value::Null);
        taken.into_iter().find(|value| !value.is_null()).or(null)
    }

    /// Takes a text, if present.
    pub(super) fn text(
        &mut self,
        names: &[&str],
        field: &'static str,
        need: &'static str,
    ) -> Result<Option<String>, Invalid> {
        match self.take(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(refuse(field, need)),
        }
    }

    /// Takes a number from 0, if present.
    pub(super) fn number(&mut self, names: &[&str], field: &'static str) -> Result<Option<u64>, Invalid> {
        let number = |value: Value| value.as_u64().ok_or(refuse(field, "a whole number from 0"));
        self.take(names).map(number).transpose()
    }

    /// Takes a flag, if present: a boolean, or 0 or 1 as in SQLite.
    pub(super) fn flag(&mut self, names: &[&str], field: &'static str) -> Result<Option<bool>, Invalid> {
        let Some(value) = self.take(names) else { return Ok(None) };
        let flag = match (value.as_bool(), value.as_u64()) {
            (Some(flag), _) => Some(flag),
            (None, Some(0)) => Some(false),
            (None, Some(1)) => Some(true),
            (None, _) => None,
        };
        flag.map(Some).ok_or(refuse(field, "true, false, 1 or 0"))
    }

    /// Takes bytes in any form that [`bytes`] reads.
    pub(super) fn bytes(&mut self, names: &[&str], field: &'static str) -> Result<Vec<u8>, Invalid> {
        let read = self.take(names).and_then(|value| bytes(&value));
        read.ok_or(refuse(field, "present: bytes in base64, base64url, hexadecimal after \\x, or an array of numbers"))
    }

    /// Refuses members that were not taken.
    pub(super) fn finish(self, need: &'static str) -> Result<(), Invalid> {
        if self.members.is_empty() { Ok(()) } else { Err(refuse(self.name, need)) }
    }
}

/// Reads bytes: base64 or base64url, hexadecimal after `\x` (PostgreSQL), an array of numbers, or the JSON of a
/// `Buffer` or a `Uint8Array` of JavaScript.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => match text.strip_prefix("\\x") {
            Some(digits) => from_hex(digits),
            None => decode_base64(text),
        },
        Value::Array(numbers) => numbers.iter().map(byte).collect(),
        Value::Object(members) => match members.get("data") {
            Some(data @ Value::Array(_)) => bytes(data),
            _ => (0..members.len()).map(|index| byte(members.get(&index.to_string())?)).collect(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Reads pairs of hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_hex { text.as_bytes().chunks(2).map(byte).collect() } else { None }
}

fn byte(value: &Value) -> Option<u8> {
    value.as_u64()?.try_into().ok()
}
