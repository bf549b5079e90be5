use super::code::RecoveryCode;
use super::set::RecoverySet;
use crate::engine::{Engine, Now, Versioned};
use crate::error::Error;
use crate::store::Write;

/// The result of comparing an answer with the recovery codes of a user.
pub(crate) enum RecoveryMatch {
    /// The user has no usable code, or the answer does not have the form of a code.
    NothingToCompare,
    /// No unused code matches.
    Wrong,
    /// A code matches.
    Right {
        /// The write that uses up the code. Unless the write is committed with the answer, the code can be used again.
        consumed: Write,
        /// The number of usable codes after this one.
        left: usize,
    },
}

/// Compares an answer with each unused code of a set. `set` is `None` unless a code is usable.
pub(crate) fn verify(
    engine: &Engine,
    set: Option<&Versioned<RecoverySet>>,
    answer: &str,
    now: Now,
) -> Result<RecoveryMatch, Error> {
    let (Some(Versioned { value, version }), Some(code)) = (set, RecoveryCode::read(answer)) else {
        return Ok(RecoveryMatch::NothingToCompare);
    };
    let Some(rest) = value.spend(&code, &engine.keys, now.latest)? else { return Ok(RecoveryMatch::Wrong) };
    let left = rest.unused(&engine.keys)?.usable;
    Ok(RecoveryMatch::Right { consumed: engine.put(&rest, Some(*version))?, left })
}
