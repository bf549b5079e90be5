use super::TotpEnrollment;
use crate::engine::{Engine, Now, Versioned};
use crate::error::Error;
use crate::store::Write;

/// The result of comparing an answer with the authenticators of a user.
pub(crate) enum CodeMatch {
    /// There is no enrollment to compare with, or the answer has the form of no code.
    NothingToCompare,
    /// No unused code in the window matches.
    Wrong,
    /// A code matches.
    Right {
        /// The write of the enrollment, which uses up the code. Commit this write with the answer, or the code can be replayed.
        consumed: Write,
    },
}

/// Compares `code` with each of these completed enrollments whose codes have the length of `code`. The first match counts.
///
/// A key that does not open is an error and never a wrong answer.
pub(crate) fn compare(
    engine: &Engine,
    enrollments: &[&Versioned<TotpEnrollment>],
    code: &str,
    now: Now,
) -> Result<CodeMatch, Error> {
    let comparable = |found: &&&Versioned<TotpEnrollment>| found.value.parameters().is_well_formed(code);
    let mut comparable = enrollments.iter().filter(comparable).peekable();
    if comparable.peek().is_none() {
        return Ok(CodeMatch::NothingToCompare);
    }
    let mut matched = None;
    for Versioned { value, version } in comparable {
        let generator = value.generator(&engine.keys)?;
        let step = generator.newest_match(code, now.clock, engine.policy.totp_skew, value.mark());
        matched = matched.or(step.map(|step| (value.after_use(step, now.latest), *version)));
    }
    let Some((used, version)) = matched else { return Ok(CodeMatch::Wrong) };
    Ok(CodeMatch::Right { consumed: engine.put(&used, Some(version))? })
}
