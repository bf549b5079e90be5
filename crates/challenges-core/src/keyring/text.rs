use std::str::FromStr;

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use zeroize::Zeroizing;

use super::KeyRing;
use crate::error::Invalid;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

impl KeyRing {
    /// Returns the ring as text, which [`str::parse`] reads back. Keep the text secret.
    ///
    /// Each key is a line `ID:KEY`: the active one with a leading `*`, retired ones with a leading `~`. KEY is 32 bytes
    /// in base64url.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(80));
        for key in self.keys() {
            if key.id == self.active() {
                text.push('*');
            } else if key.retired {
                text.push('~');
            }
            text.push_str(&key.id);
            text.push(':');
            text.push_str(&Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(key.master.as_bytes())));
            text.push('\n');
        }
        text
    }
}

impl FromStr for KeyRing {
    type Err = Invalid;

    /// Reads the form of [`KeyRing::to_text`], and the forms that it takes in environment variables:
    ///
    /// - Keys may be separated by line breaks, the two characters `\n` (also after `\r`), commas or semicolons.
    /// - The text may be in quotation marks, and begin with a byte order mark.
    /// - KEY may be base64url or base64, padded or not, or 64 hexadecimal digits.
    /// - Empty lines and lines with a leading `#` are skipped.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_matches(|it: char| it.is_whitespace() || matches!(it, '\u{feff}' | '"' | '\''));
        let text = Zeroizing::new(text.replace("\\r\\n", "\n"));
        let text = Zeroizing::new(text.replace("\\n", "\n"));
        // A comment extends to the end of the line, separators included.
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let keys = lines.flat_map(|line| line.split([',', ';'])).map(str::trim).filter(|key| !key.is_empty());
        let mut active = None;
        let mut others = Vec::new();
        for (number, line) in keys.enumerate().map(|(index, line)| (index + 1, line)) {
            let (id, key) = line.split_once(':').ok_or(Invalid::KeyText(number))?;
            let key = parse_key(key.trim()).ok_or(Invalid::KeyText(number))?;
            let id = id.trim();
            if let Some(id) = id.strip_prefix('*') {
                if active.replace((id, key)).is_some() {
                    return Err(Invalid::ActiveKey);
                }
            } else if let Some(id) = id.strip_prefix('~') {
                others.push((id, key, true));
            } else {
                others.push((id, key, false));
            }
        }
        let (id, key) = active.ok_or(Invalid::ActiveKey)?;
        others.into_iter().try_fold(Self::new(id, key)?, |ring, (id, key, retired)| {
            if retired { ring.with_retired_key(id, key) } else { ring.with_key(id, key) }
        })
    }
}

fn parse_key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    if text.len() == 64 {
        let mut key = Zeroizing::new([0; 32]);
        for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        return text.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(key);
    }
    let url_safe = GeneralPurpose::new(&URL_SAFE, LENIENT).decode(text);
    let bytes = url_safe.or_else(|_| GeneralPurpose::new(&STANDARD, LENIENT).decode(text)).ok()?;
    let bytes = Zeroizing::new(bytes);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}
