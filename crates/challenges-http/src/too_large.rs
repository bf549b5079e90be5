use std::error::Error;

use http_body_util::LengthLimitError;

/// The error of a body that exceeds a limit outside of the API, such as one of the framework. The API responds with 413.
///
/// [`http_body_util::LengthLimitError`] counts as well, in the chain of sources of any error of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_structs, reason = "adapters build this error")]
#[error("the body is larger than a limit outside of the API")]
pub struct BodyTooLarge;

/// Returns whether an error of a body is about a limit.
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
