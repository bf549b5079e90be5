//! What a walk that seals records anew reports.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Invalid};
use crate::id::Id;
use crate::keyring::KeyId;
use crate::store::{Key, Kind};
use crate::time::Timestamp;

/// What one call of [`Challenges::reseal`](crate::Challenges::reseal) met.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Resealed {
    /// Records that it looked at.
    pub looked_at: usize,
    /// Those of them that it sealed anew.
    pub resealed: usize,
    /// Entries of the outbox that it left alone, since they are being sent or wait to be tried again. Once they have
    /// ended, another walk finds nothing of them.
    pub busy: usize,
    /// The keys, other than the active one, that hashes of codes and links are still under, and when the last of those
    /// met by this call ends. Hashes cannot be made anew; they end with their records.
    pub still_under: BTreeMap<KeyId, Timestamp>,
    /// Records that it could not read. They are as they were.
    pub unopened: Vec<Unopened>,
    /// Where to go on; absent at the end of the walk.
    pub next: Option<ResealCursor>,
    /// Whether the walk is at its end and has left nothing under another key than the active one, so that every other
    /// key may be taken out of the ring. The salt that a service opens at start was sealed anew as well, and only now. A
    /// walk does not see what a process writes that still seals under another key: let them all have the active one first.
    pub done: bool,
}

/// A record that could not be sealed anew.
#[derive(Debug, thiserror::Error)]
#[error("the record {key:?} cannot be sealed anew")]
pub struct Unopened {
    /// The record.
    pub key: Key,
    /// Why: [`Error::Seal`] when it does not open with the keys at hand, which no walk changes; [`Error::Body`] when it
    /// is of an unknown form, which keeps the walk from being [`Resealed::done`].
    pub source: Error,
}

/// How far a walk is. Its text ([`ToString`], [`FromStr`]) can be kept, to go on after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResealCursor {
    pub(crate) kind: Kind,
    pub(crate) after: Option<Id>,
    /// Whether something was left under another key so far.
    pub(crate) left: bool,
}

impl ResealCursor {
    /// The kinds that hold something sealed. What moves from one to another moves to a later one. The root is the last:
    /// that a ring opens it shows that there was nothing left to open.
    const KINDS: [Kind; 6] =
        [Kind::Challenge, Kind::TotpEnrollment, Kind::Endpoint, Kind::Outbox, Kind::DeadLetter, Kind::Root];

    pub(crate) const START: Self = Self { kind: Kind::Challenge, after: None, left: false };

    /// After a page that ended there: on the same kind, or on the next one.
    pub(crate) fn beyond(self, page: Option<Id>) -> Option<Self> {
        if page.is_some() {
            return Some(Self { after: page, ..self });
        }
        let mut kinds = Self::KINDS.into_iter().skip_while(|kind| *kind != self.kind);
        kinds.nth(1).map(|kind| Self { kind, after: None, ..self })
    }
}

impl fmt::Display for ResealCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.code(), if self.left { '+' } else { '-' })?;
        self.after.map_or(Ok(()), |id| write!(f, "{id}"))
    }
}

impl FromStr for ResealCursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let at = text.find(['+', '-']).ok_or(Invalid::ResealCursor)?;
        let (kind, rest) = text.split_at_checked(at).ok_or(Invalid::ResealCursor)?;
        let (sign, id) = rest.split_at_checked(1).ok_or(Invalid::ResealCursor)?;
        let kind = kind.parse().ok().and_then(Kind::from_code).ok_or(Invalid::ResealCursor)?;
        if !Self::KINDS.contains(&kind) {
            return Err(Invalid::ResealCursor);
        }
        let after = if id.is_empty() { None } else { Some(id.parse().map_err(|_| Invalid::ResealCursor)?) };
        Ok(Self { kind, after, left: sign == "+" })
    }
}
