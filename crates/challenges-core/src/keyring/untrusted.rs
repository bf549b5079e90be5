//! The body of a record that does not verify, between the check and the decoding.
//!
//! The body is a zero byte, the id of the missing key (empty if no key is missing), a line break, and the stored bytes
//! with the due time and version of the record as read. No such body decodes. All other fields are as read from the
//! store, so that the record can be postponed or deleted.

use super::tag_line::{self, TagLine};
use super::{SealError, key_id};
use crate::store::{Record, Stored};

const MARK: u8 = 0;

/// Marks a record that does not verify.
pub(super) fn marked(stored: Stored, error: &SealError) -> Stored {
    let key = match error {
        SealError::UnknownKey(key) => key.as_str(),
        SealError::ForgedRecord | SealError::Forged | SealError::RetiredKey(_) => "",
    };
    let body = &*stored.record.body;
    // A record that was postponed before keeps the due time and version noted then, which are those of the original.
    // The note needs no proof: the original verifies under no other due time and version.
    let (content, claims) = match TagLine::parse(body) {
        Some(line) if line.original.is_some() => (line.content, String::new()),
        Some(_) | None => (body, tag_line::claims(stored.record.due, stored.version)),
    };
    let mark = [&[MARK], key.as_bytes(), b"\n", content, claims.as_bytes()].concat();
    Stored { record: Record { body: mark.into(), ..stored.record }, ..stored }
}

/// Returns the content of a marked body, ready for the tag of a postponed record.
pub(crate) fn content(body: &[u8]) -> Option<&[u8]> {
    parse(body).map(|(_, content)| content)
}

/// Returns the reason why a body is marked, if so.
pub(crate) fn reason(body: &[u8]) -> Option<SealError> {
    let (key, _) = parse(body)?;
    let key = std::str::from_utf8(key).ok().and_then(|key| key_id::check(key).ok());
    Some(key.map_or(SealError::ForgedRecord, SealError::UnknownKey))
}

fn parse(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let marked = body.strip_prefix(&[MARK])?;
    let end = marked.iter().position(|byte| *byte == b'\n')?;
    marked.split_at_checked(end).map(|(key, rest)| (key, rest.get(1..).unwrap_or_default()))
}
