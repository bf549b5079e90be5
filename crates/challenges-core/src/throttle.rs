//! Rate limits: failures and messages of a user, and the message budgets over all users.

mod budget;
mod chunk;
mod counters;
mod failures;
mod sends;

pub(crate) use budget::MessageBudget;
pub(crate) use counters::{Counters, touch};
pub(crate) use failures::{Lock, observe_lock};
pub(crate) use sends::refuse_send;
