//! Addresses of users: phone numbers, e-mail addresses and push subscriptions.

mod address;
mod email_address;
mod phone_number;
mod push_subscription;

pub use address::Address;
pub use email_address::EmailAddress;
pub use phone_number::PhoneNumber;
pub use push_subscription::PushSubscription;
