use std::str::FromStr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use zeroize::Zeroizing;

use super::{KeyId, KeyRing, KeyRingError, MasterKey};

impl KeyRing {
    /// Returns the ring as text, which [`str::parse`] reads back. Keep the text secret.
    ///
    /// Each key is a line `ID:KEY`, the active one with a leading `*`. KEY is 32 bytes in base64url.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(80));
        for key in self.keys() {
            if key.id == *self.active() {
                text.push('*');
            }
            text.push_str(key.id.as_str());
            text.push(':');
            text.push_str(&Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(key.master.as_bytes())));
            text.push('\n');
        }
        text
    }
}

impl FromStr for KeyRing {
    type Err = KeyRingError;

    /// Reads the form of [`KeyRing::to_text`]. Empty lines and lines with a leading `#` are skipped.
    fn from_str(text: &str) -> Result<Self, KeyRingError> {
        let mut active = None;
        let mut others = Vec::new();
        for (index, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, key) = line.split_once(':').ok_or(KeyRingError::Line(index))?;
            let bytes =
                BASE64_URL_SAFE_NO_PAD.decode(key).map(Zeroizing::new).map_err(|_| KeyRingError::Line(index))?;
            let key = bytes.as_slice().try_into().map(MasterKey::from_bytes).map_err(|_| KeyRingError::Line(index))?;
            match id.strip_prefix('*') {
                None => others.push((KeyId::new(id)?, key)),
                Some(id) if active.is_none() => active = Some((KeyId::new(id)?, key)),
                Some(_) => return Err(KeyRingError::Active),
            }
        }
        let (id, key) = active.ok_or(KeyRingError::Active)?;
        others.into_iter().try_fold(Self::new(id, key), |ring, (id, key)| ring.with_key(id, key))
    }
}
