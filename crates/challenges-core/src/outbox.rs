//! The outbox: messages to send and actions to run, stored in the commit that causes them and performed at least once.

mod calls;
mod courier;
mod dead_letters;
mod dispatched;
mod due_entry;
mod enqueue;
mod entry;
mod messages;
mod notice;
mod open;
mod record;

pub use calls::Outbox;
pub use courier::{Courier, Errand, Job, Message};
pub use dispatched::Dispatched;
#[doc(hidden)]
pub use due_entry::DueEntry;
pub use entry::{OutboxEntry, Task};
pub use notice::Notice;

pub use crate::failure::{Failure, Retry};

pub(crate) use dead_letters::dead_letter_result;
pub(crate) use enqueue::{Lifetime, enqueue};
pub(crate) use messages::delete_messages;
pub(crate) use open::open_entry;
pub(crate) use record::{Body, Death, StoredTask};
