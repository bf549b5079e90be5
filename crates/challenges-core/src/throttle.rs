//! Rate limits: failures, messages and open challenges of a user, and the message budgets over all users.

mod budget;
mod channel;
mod chunk;
mod counters;
mod failures;
mod open_challenges;
mod sends;
mod stored_budget;
mod total;

pub(crate) use budget::{MessageBudget, Sending, erase_budgets};
pub(crate) use channel::Channel;
pub(crate) use counters::{Counters, touch, touch_losing};
pub(crate) use failures::{Lock, observe_lock};
pub(crate) use sends::refuse_send;
