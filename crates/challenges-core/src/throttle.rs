//! Rate limits: failures, messages and open challenges of a user, and the message budgets over all users.

mod budget;
mod chunk;
mod counters;
mod failures;
mod open_challenges;
mod sends;
mod total;

pub(crate) use budget::{Channel, MessageBudget, Sending, erase_budget};
pub(crate) use counters::{Counters, touch, touch_changing, touch_losing, touch_removing};
pub(crate) use failures::{Lock, observe_lock};
pub(crate) use sends::refuse_send;
