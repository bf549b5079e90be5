//! Whether what many callers saw of one thing at once can be explained by one call after another.
//!
//! A [`Recorder`] takes down when each call began, when it ended and what it returned. [`check`] looks for an order of the
//! calls in which a [`Model`] returns the same, and in which no call comes before one that had ended when it began
//! (Herlihy and Wing, "Linearizability", 1990; the search is that of Wing and Gong, 1993, with the memory of Lowe, 2017).
//! A call whose outcome nobody knows may have taken effect at any time after it began, or never.
//!
//! [`OneChallenge`] is the model of one challenge, which the [conformance suite](crate::conformance) checks every store
//! with.
//!
//! # Examples
//!
//! ```
//! use challenges_testkit::linearizability::{Ended, History, Model, check};
//!
//! #[derive(Clone, PartialEq, Eq, Hash)]
//! struct Register(u32);
//!
//! #[derive(Debug)]
//! enum Call {
//!     Write(u32),
//!     Read,
//! }
//!
//! impl Model for Register {
//!     type Call = Call;
//!     type Return = u32;
//!
//!     fn apply(&mut self, call: &Call) -> u32 {
//!         if let Call::Write(value) = call {
//!             self.0 = *value;
//!         }
//!         self.0
//!     }
//! }
//!
//! let mut history = History::default();
//! let lost = history.began(Call::Write(1));
//! history.ended(lost, Ended::Unknown);
//! for seen in [0, 1, 1] {
//!     let read = history.began(Call::Read);
//!     history.ended(read, Ended::Returned(seen));
//! }
//! check(&history, Register(0))?; // The write took effect after the first read.
//!
//! let stale = history.began(Call::Read);
//! history.ended(stale, Ended::Returned(0));
//! assert!(check(&history, Register(0)).is_err());
//! # Ok::<(), challenges_testkit::linearizability::Unexplained>(())
//! ```

mod challenge;
mod history;
mod search;

pub use challenge::{Call, OneChallenge, Return};
pub use history::{Began, Ended, History, Recorder};
pub use search::{MOST_CALLS, Unexplained, check};

use std::fmt::Debug;
use std::hash::Hash;

/// What one thing does when it is called once at a time.
pub trait Model: Clone + Eq + Hash {
    /// What it can be asked.
    type Call: Debug;
    /// What it answers.
    type Return: Debug + PartialEq;

    /// Does what it is asked, and answers.
    fn apply(&mut self, call: &Self::Call) -> Self::Return;
}

#[cfg(test)]
mod tests;
