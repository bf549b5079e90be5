//! Multi-factor challenges to embed.
#![forbid(unsafe_code)]

mod base62;
pub mod entropy;
mod id;
pub mod store;
pub mod time;

pub use entropy::{Entropy, OsEntropy};
pub use id::{ChallengeId, EndpointId, EnrollmentId, Id, IdText, InvalidId, OutboxId, OwnerTag, SHARDS, Shard};
pub use store::Store;
pub use time::{Clock, SystemClock, Timestamp};
