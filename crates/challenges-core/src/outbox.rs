//! What must be sent or done because of a transition: stored with it, performed afterwards, at least once.

mod body;
mod entry;
mod outcome;
mod retry;

pub use entry::{Act, Confirmation, DeadLetter, Delivery, OutboxEntry, Task, UnreadableEntry};
pub use outcome::{Dispatched, DropReason, DueEntry, OutboxOutcome};

pub(crate) use body::{Body, Dead, TaskBody, link, place};
pub(crate) use retry::pause;
