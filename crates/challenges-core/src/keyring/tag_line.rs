//! The last line of a stored body, with the tag of the record.
//!
//! | written | postponed |
//! |---|---|
//! | `content` | the stored bytes that did not verify |
//! | `key id.tag` | `~due.version.key id.tag`, with the due time and the version of those bytes |

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use bytes::Bytes;

use crate::store::Version;
use crate::time::Timestamp;

/// The number of bytes of a tag.
pub(super) const TAG: usize = 16;

const POSTPONED: char = '~';
const NO_TIME: &str = "-";

/// The statement that a tag vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Core wrote the content.
    Written,
    /// Core postponed a record that did not verify.
    Postponed,
}

impl Layer {
    pub(super) const fn of(line: &TagLine<'_>) -> Self {
        if line.original.is_some() { Self::Postponed } else { Self::Written }
    }

    /// Returns the first byte of the hashed input. Codes never change.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Written => 1,
            Self::Postponed => 2,
        }
    }
}

/// A stored body, taken apart.
pub(super) struct TagLine<'a> {
    /// The authenticated bytes.
    pub(super) content: &'a [u8],
    pub(super) key: &'a str,
    pub(super) tag: &'a str,
    /// The postponed record, if any.
    pub(super) original: Option<Original<'a>>,
}

/// A record as stored before being postponed.
pub(super) struct Original<'a> {
    pub(super) body: &'a [u8],
    pub(super) due: Option<Timestamp>,
    pub(super) version: Version,
}

impl<'a> TagLine<'a> {
    /// Splits the last line off. Returns `None` if that line is not a tag.
    pub(super) fn parse(stored: &'a [u8]) -> Option<Self> {
        let end = stored.iter().rposition(|byte| *byte == b'\n')?;
        let (body, line) = (stored.get(..end)?, std::str::from_utf8(stored.get(end.checked_add(1)?..)?).ok()?);
        let Some(postponed) = line.strip_prefix(POSTPONED) else {
            let (key, tag) = line.split_once('.')?;
            return Some(Self { content: body, key, tag, original: None });
        };
        let (rest, tag) = postponed.rsplit_once('.')?;
        let (claims, key) = rest.rsplit_once('.')?;
        let (due, version) = parse_claims(claims)?;
        let content = stored.get(..stored.len().checked_sub(tag.len() + key.len() + 2)?)?;
        Some(Self { content, key, tag, original: Some(Original { body, due, version }) })
    }
}

/// Returns the stored body of a content with a tag.
pub(super) fn join(layer: Layer, content: &[u8], key: &str, tag: &[u8; TAG]) -> Bytes {
    let mut text = [0; 22];
    let length = BASE64_URL_SAFE_NO_PAD.encode_slice(tag, &mut text).unwrap_or_default();
    let mut body = Vec::with_capacity(content.len() + key.len() + text.len() + 2);
    body.extend_from_slice(content);
    // The content of a postponed record already contains the beginning of the last line.
    body.push(match layer {
        Layer::Written => b'\n',
        Layer::Postponed => b'.',
    });
    body.extend_from_slice(key.as_bytes());
    body.push(b'.');
    body.extend_from_slice(text.get(..length).unwrap_or_default());
    body.into_boxed_slice().into()
}

/// Returns the beginning of the last line of a postponed record.
pub(super) fn claims(due: Option<Timestamp>, version: Version) -> String {
    let due = due.map_or_else(|| NO_TIME.to_owned(), |due| due.as_millis().to_string());
    format!("\n{POSTPONED}{due}.{}", BASE64_URL_SAFE_NO_PAD.encode(version))
}

fn parse_claims(text: &str) -> Option<(Option<Timestamp>, Version)> {
    let (due, version) = text.split_once('.')?;
    let due = if due == NO_TIME { None } else { Some(Timestamp::from_millis(due.parse().ok()?)) };
    let mut bytes = [0; 16];
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(version, &mut bytes).ok()?;
    (length == bytes.len()).then_some((due, bytes))
}
