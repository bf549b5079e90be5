//! Endpoints of a user: phone numbers, e-mail addresses and push subscriptions to send challenges to.

mod calls;
mod code;
mod confirmation;
mod endpoint;
mod pending_code;
mod push_registration;
mod push_renewal;
mod record;
mod registration;
mod reservation;
mod sealed_address;

pub use calls::Endpoints;
pub use endpoint::Endpoint;

pub use crate::addresses::{Address, EmailAddress, PhoneNumber, PushSubscription};
#[doc(hidden)]
pub use crate::push_services::PushServices;

pub(crate) use reservation::{delete_unless_holder, is_taken_over, release, try_release};
pub(crate) use sealed_address::address;
