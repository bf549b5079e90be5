//! placeholder
use crate::measure::{Report, interleaved};
use std::time::Duration;
pub(crate) fn many_callers() -> Report {
    interleaved(1, 0.7, || Duration::from_secs(1), || Duration::from_secs(1))
}
pub(crate) fn one_caller() -> Report {
    many_callers()
}
pub(crate) fn get() -> Report {
    many_callers()
}
