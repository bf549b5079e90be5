//! Linearizability of recorded histories: a sequential order of the calls explains every result.
//!
//! A [`Recorder`] notes when each call began, when it ended and its result. [`check`] searches for an order of the
//! calls in which a [`Model`] returns the same results, and in which no call precedes a call that had ended before it
//! began (Herlihy and Wing, "Linearizability", 1990). The search is by Wing and Gong (1993), with the memoization of
//! Lowe (2017). A call with an unknown outcome may have taken effect at any time after its beginning, or never.

mod cases;
mod challenge;
mod history;
mod search;

pub(super) use cases::{lost_replies, one_challenge};
pub use search::Unexplained;

use std::fmt::Debug;
use std::hash::Hash;

use challenge::{Call, OneChallenge, Return};
use history::{Ended, Recorder};
use search::check;

/// The sequential behaviour of the object under test.
trait Model: Clone + Eq + Hash {
    /// A call on the object.
    type Call: Debug;
    /// The result of a call.
    type Return: Debug + PartialEq;

    /// Performs a call and returns its result.
    fn apply(&mut self, call: &Self::Call) -> Self::Return;
}

#[cfg(test)]
mod tests;
