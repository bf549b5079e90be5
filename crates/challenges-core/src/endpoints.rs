//! Endpoints of a user: phone numbers, e-mail addresses and push subscriptions to send challenges to.

mod address;
mod calls;
mod code;
mod confirmation;
mod email_address;
mod endpoint;
mod pending_code;
mod phone_number;
mod push_registration;
mod push_renewal;
mod push_subscription;
mod record;
mod registration;
mod reservation;
mod sealed_address;

pub use address::Address;
pub use calls::Endpoints;
pub use email_address::EmailAddress;
pub use endpoint::Endpoint;
pub use phone_number::PhoneNumber;
pub use push_subscription::PushSubscription;

#[doc(hidden)]
pub use crate::push_services::PushServices;

pub(crate) use reservation::{delete_unless_holder, is_taken_over, release, try_release};
pub(crate) use sealed_address::address;
