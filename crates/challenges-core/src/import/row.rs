use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::fields::{Fields, refuse};
use super::{credential, seed};
use crate::error::Invalid;
use crate::id::EnrollmentId;
use crate::totp::Seed;
use crate::webauthn::OldCredential;

/// A factor of another system, read from the JSON that the [module](super) describes.
///
/// # Examples
///
/// ```
/// use challenges_core::import::Row;
///
/// let row: Row = r#"{ "totp": "otpauth://totp/Old:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }"#.parse()?;
///
/// let short = r#"{ "totp": { "secret": "GEZDGNBVGY3TQ" } }"#.parse::<Row>().unwrap_err();
/// assert_eq!(short.to_string(), "the row cannot be imported: secret must be 10 to 128 bytes (80 to 1024 bits)");
/// # Ok::<(), challenges_core::Invalid>(())
/// ```
pub struct Row(Content);

/// The factor of a row.
pub(crate) enum Content {
    Totp(Seed),
    Webauthn(Box<OldCredential>),
}

/// The result of importing a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// The enrollment; `None` after a dry run of a new row.
    pub enrollment: Option<EnrollmentId>,
    /// `false` if the user had the factor before: the row was skipped.
    pub is_new: bool,
    /// `true` for a TOTP seed below 128 bits (RFC 4226 section 4, R6). Ask the user to enroll the app anew.
    pub is_weak: bool,
}

impl Row {
    pub(crate) const fn content(&self) -> &Content {
        &self.0
    }
}

impl TryFrom<Value> for Row {
    type Error = Invalid;

    /// Reads a row. The error is [`Invalid::Import`] with the name of the member, or the error of a value such as
    /// [`Invalid::RelyingParty`].
    fn try_from(json: Value) -> Result<Self, Invalid> {
        let mut row = Fields::read("row", json)?;
        if row.take(&["recovery_codes"]).is_some() {
            return Err(refuse(
                "recovery_codes",
                "generated anew, because hashes of another system cannot be compared",
            ));
        }
        let content = match (row.take(&["totp"]), row.take(&["webauthn"])) {
            (Some(totp), None) => Content::Totp(seed::read(totp)?),
            (None, Some(webauthn)) => Content::Webauthn(Box::new(credential::read(webauthn, &mut row)?)),
            (Some(_), Some(_)) | (None, None) => return Err(refuse("row", "an object with either totp or webauthn")),
        };
        row.finish("without members of other names, except inside webauthn")?;
        Ok(Self(content))
    }
}

impl FromStr for Row {
    type Err = Invalid;

    /// Reads the text of a row, with the errors of `try_from`.
    fn from_str(json: &str) -> Result<Self, Invalid> {
        Value::String(json.to_owned()).try_into()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Totp(_) => f.write_str("Row(Totp([redacted]))"),
            Content::Webauthn(credential) => write!(f, "Row(Webauthn({:?}))", credential.credential.id),
        }
    }
}

#[cfg(test)]
mod tests;
