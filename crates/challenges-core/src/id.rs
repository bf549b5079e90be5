//! The ids of records, and the parts of an id.

mod owner_tag;
mod record;
mod typed;

pub(crate) use owner_tag::OwnerTag;
pub use record::{Id, IdText};
pub use typed::{ChallengeId, DeviceId, EndpointId, EnrollmentId, OutboxId};

#[cfg(test)]
mod tests;
