use super::TotpEnrollment;
use super::code::{is_well_formed, newest_match};
use crate::engine::{Engine, Now, Versioned};
use crate::error::Error;
use crate::store::Write;

/// The result of comparing an answer with the authenticators of a user.
pub(crate) enum CodeMatch {
    /// There is no enrollment to compare with, or the answer is not six digits.
    NothingToCompare,
    /// No unused code in the window matches.
    Wrong,
    /// A code matches.
    Right {
        /// The write of the enrollment, which uses up the code. Commit this write with the answer, or the code can be replayed.
        consumed: Write,
    },
}

/// Compares `code` with each of these completed enrollments. The first match counts.
///
/// A key that does not open is an error and never a wrong answer.
pub(crate) fn compare(
    engine: &Engine,
    enrollments: &[&Versioned<TotpEnrollment>],
    code: &str,
    now: Now,
) -> Result<CodeMatch, Error> {
    if enrollments.is_empty() || !is_well_formed(code) {
        return Ok(CodeMatch::NothingToCompare);
    }
    let mut matched = None;
    for Versioned { value, version } in enrollments {
        let key = value.key(&engine.keys)?;
        let step = newest_match(&key, code, now.clock, engine.policy.totp_skew, value.mark());
        matched = matched.or(step.map(|step| (value.after_use(step, now.latest), *version)));
    }
    let Some((used, version)) = matched else { return Ok(CodeMatch::Wrong) };
    Ok(CodeMatch::Right { consumed: engine.put(&used, Some(version))? })
}
