use std::collections::HashSet;

use super::Model;
use super::history::{End, History, Recorded};

/// The most calls that a history may have to be checked. The time that it takes grows with the number that run at once.
pub const MOST_CALLS: usize = 128;

/// Looks for an order of the calls that explains what they returned, by a model as it was before the first.
///
/// # Errors
///
/// [`Unexplained`] when there is none, or the history is longer than [`MOST_CALLS`].
pub fn check<M: Model>(history: &History<M::Call, M::Return>, initial: M) -> Result<(), Unexplained> {
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

/// That no order of the calls of a history explains it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unexplained {
    /// There is none.
    #[error(
        "no order of these {calls} calls explains what they returned; at most {most} can be put in order:\n{history}"
    )]
    NoOrder {
        /// The most calls that can be put in an order from the start.
        most: u32,
        /// How many there are.
        calls: usize,
        /// The history, one line a call.
        history: String,
    },
    /// The history is too long to look for one.
    #[error("a history of {calls} calls is too long: at most {MOST_CALLS} are checked")]
    TooLong {
        /// How many there are.
        calls: usize,
    },
}

struct Search<'a, M: Model> {
    /// In the order of their ends.
    calls: Vec<&'a Recorded<M::Call, M::Return>>,
    /// Calls that were put in order, and the model after them: looked at before, and in vain.
    dead_ends: HashSet<(u128, M)>,
    most: u32,
}

impl<M: Model> Search<'_, M> {
    /// Whether the calls that are not in `ordered` can be put in order after those that are, which led to `model`.
    fn explains(&mut self, ordered: u128, model: &M) -> bool {
        let open = || self.calls.iter().enumerate().filter(|(index, _)| ordered & bit(*index) == 0);
        // What comes next must have begun before any of the others had ended. Those of unknown outcome never had to end.
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
