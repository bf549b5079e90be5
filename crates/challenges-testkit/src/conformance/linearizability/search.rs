use std::collections::HashSet;

use super::Model;
use super::history::{End, History, Recorded};

/// The maximum length of a checked history. The duration of a check grows with the number of concurrent calls.
pub(super) const MOST_CALLS: usize = 128;

/// Searches for an order of the calls that explains every result.
///
/// `initial` is the model before the first call.
///
/// # Errors
///
/// - [`Unexplained::NoOrder`] when no such order exists
/// - [`Unexplained::TooLong`] when the history is longer than [`MOST_CALLS`]
pub(super) fn check<M: Model>(history: &History<M::Call, M::Return>, initial: M) -> Result<(), Unexplained> {
    if history.len() > MOST_CALLS {
        return Err(Unexplained::TooLong { calls: history.len() });
    }
    let mut calls: Vec<_> =
        history.calls.iter().filter(|recorded| !matches!(recorded.end, End::WithoutEffect)).collect();
    // Calls took effect in about the order in which they ended, so that order is tried first.
    calls.sort_by_key(|recorded| recorded.end.at().unwrap_or(usize::MAX));
    let mut search = Search { calls, dead_ends: HashSet::new(), most: 0 };
    if search.explains(0, &initial) {
        return Ok(());
    }
    Err(Unexplained::NoOrder { most: search.most, calls: search.calls.len(), history: history.to_string() })
}

/// A recorded history that no order of calls explains, or that is too long to check.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unexplained {
    /// No sequential order of the calls returns the recorded results.
    #[error(
        "no sequential order of these {calls} calls returns the recorded results; at most {most} can be put in order:\n{history}"
    )]
    NoOrder {
        /// The length of the longest valid order of calls from the start.
        most: u32,
        /// The number of calls.
        calls: usize,
        /// The history, with a line for each call.
        history: String,
    },
    /// The history has more than 128 calls, the maximum for a check.
    #[error("a history of {calls} calls is too long to check; the maximum is {MOST_CALLS}")]
    TooLong {
        /// The number of calls.
        calls: usize,
    },
}

struct Search<'a, M: Model> {
    /// The calls, in order of their ends.
    calls: Vec<&'a Recorded<M::Call, M::Return>>,
    /// Sets of ordered calls, each with the model afterwards, that are known to lead nowhere.
    dead_ends: HashSet<(u128, M)>,
    most: u32,
}

impl<M: Model> Search<'_, M> {
    /// Returns whether the calls outside `ordered` can follow the calls in `ordered`, which led to `model`.
    fn explains(&mut self, ordered: u128, model: &M) -> bool {
        let open = || self.calls.iter().enumerate().filter(|(index, _)| ordered & bit(*index) == 0);
        // The next call must have begun before any other call ended. Calls with an unknown outcome have no end.
        let Some(first_end) = open().find_map(|(_, recorded)| recorded.end.at()) else { return true };
        let next: Vec<_> = open().filter(|(_, recorded)| recorded.began < first_end).map(|(index, _)| index).collect();
        if !self.dead_ends.insert((ordered, model.clone())) {
            return false;
        }
        self.most = self.most.max(ordered.count_ones());
        next.into_iter().any(|index| {
            let Some(recorded) = self.calls.get(index).copied() else { return false };
            let mut after = model.clone();
            let returns = after.apply(&recorded.call);
            let same = match &recorded.end {
                End::Returned { result, .. } => returns == *result,
                _ => true,
            };
            same && self.explains(ordered | bit(index), &after)
        })
    }
}

const fn bit(index: usize) -> u128 {
    1 << index
}
