use std::error::Error;

use http_body_util::LengthLimitError;

/// The error of a body that exceeds a limit outside of the API, such as one of the framework. The API responds
/// with 413.
///
/// The API also responds with 413 if [`http_body_util::LengthLimitError`] is among the sources of a body error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_structs, reason = "adapters build this error")]
#[error("the body is larger than a limit outside of the API")]
pub struct BodyTooLarge;

/// Returns whether a body error comes from a size limit.
pub(crate) fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() || error.is::<BodyTooLarge>() {
            return true;
        }
        next = error.source();
    }
    false
}
