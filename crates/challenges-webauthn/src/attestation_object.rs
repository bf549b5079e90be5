use challenges_core::webauthn::Rejected;
use minicbor::Decoder;

use crate::cbor::{Malformed, map_length, split_item, split_text_map};

/// An attestation object (section 6.5.4).
#[derive(Debug)]
pub(crate) struct AttestationObject<'a> {
    /// The format of the attestation statement.
    pub(crate) format: &'a str,
    /// Set if the statement is an empty map.
    pub(crate) is_statement_empty: bool,
    pub(crate) authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// Reads a map with exactly the three members and no trailing bytes (step 13 of section 7.1). The format must be an
    /// identifier of section 8.1.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Rejected> {
        Self::members(bytes).map_err(|_| Rejected::AttestationObject)
    }

    fn members(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (map, []) = split_text_map(bytes)? else { return Err(Malformed) };
        let mut decoder = Decoder::new(map);
        if map_length(&mut decoder)? != 3 {
            return Err(Malformed);
        }
        let (mut format, mut is_statement_empty, mut authenticator_data) = (None, None, None);
        for _ in 0..3 {
            match decoder.str()? {
                "fmt" => format = Some(decoder.str()?).filter(|format| is_identifier(format)),
                "attStmt" => {
                    let rest = map.get(decoder.position()..).ok_or(Malformed)?;
                    let (statement, _) = split_item(rest)?;
                    is_statement_empty = Some(map_length(&mut Decoder::new(statement))? == 0);
                    decoder.set_position(decoder.position() + statement.len());
                }
                "authData" => authenticator_data = Some(decoder.bytes()?),
                _ => return Err(Malformed),
            }
        }
        Ok(Self {
            format: format.ok_or(Malformed)?,
            is_statement_empty: is_statement_empty.ok_or(Malformed)?,
            authenticator_data: authenticator_data.ok_or(Malformed)?,
        })
    }
}

/// Returns whether a format has 1 to 32 printable ASCII characters other than `"` and `\`.
fn is_identifier(format: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
    (1..=32).contains(&format.len()) && format.bytes().all(is_allowed)
}
