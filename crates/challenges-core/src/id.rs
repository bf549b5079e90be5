//! The ids of records, and the parts of an id.

mod record;
mod shard;
mod typed;

pub use record::{Id, IdText};
pub use shard::{OwnerTag, Shard};
pub use typed::{ChallengeId, DeviceId, EndpointId, EnrollmentId, OutboxId};

#[cfg(test)]
mod tests;
