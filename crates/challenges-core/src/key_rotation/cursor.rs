use std::fmt;
use std::str::FromStr;

use crate::error::Invalid;
use crate::id::Id;
use crate::store::Kind;

/// The progress of a walk, passed to the caller as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) kind: Kind,
    pub(super) after: Option<Id>,
    /// `true` if any record met so far still needs an inactive key.
    pub(super) left: bool,
}

impl Cursor {
    /// The kinds of records, all of which have tags. An entry that becomes a dead letter moves to a later kind, so a
    /// walk does not miss the record. The salt is last: with the salt under the active key, no record needs another
    /// key.
    const KINDS: [Kind; Kind::ALL.len()] = [
        Kind::Challenge,
        Kind::TotpEnrollment,
        Kind::WebauthnEnrollment,
        Kind::Endpoint,
        Kind::Outbox,
        Kind::DeadLetter,
        Kind::ActionResult,
        Kind::Reservation,
        Kind::Counters,
        Kind::RecoveryCodes,
        Kind::TrustedDevice,
        Kind::Salt,
    ];

    pub(super) const START: Self = Self { kind: Kind::Challenge, after: None, left: false };

    /// Returns the cursor after a page: within the same kind, or at the start of the next kind. Returns `None` at the
    /// end.
    pub(super) fn beyond(self, page: Option<Id>) -> Option<Self> {
        if page.is_some() {
            return Some(Self { after: page, ..self });
        }
        let mut kinds = Self::KINDS.into_iter().skip_while(|kind| *kind != self.kind);
        kinds.nth(1).map(|kind| Self { kind, after: None, ..self })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.code(), if self.left { '+' } else { '-' })?;
        self.after.map_or(Ok(()), |id| write!(f, "{id}"))
    }
}

impl FromStr for Cursor {
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
