//! Futures that are under way at once, and that wait for each other: on any runtime, by the standard library alone.

mod event;
mod turn;
mod unordered;

pub(crate) use event::Event;
pub(crate) use turn::Turn;
pub(crate) use unordered::{Unordered, try_join_all};
