//! Where a user can be reached: phone numbers and push subscriptions.

mod address;
mod record;

pub use address::{Address, PhoneNumber, PushSubscription};
pub use record::Endpoint;

pub(crate) use record::{Body, place};
