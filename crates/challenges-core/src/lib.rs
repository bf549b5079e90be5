#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), forbid(clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![cfg_attr(not(test), forbid(clippy::todo, clippy::unimplemented, clippy::unwrap_used))]

// Values
mod addresses;
mod base62;
mod challenge_type;
mod codec;
mod description;
#[doc(hidden)]
pub mod entropy;
mod error;
mod factor;
mod failure;
mod id;
mod owner;
mod purpose;
mod secret;
mod state;
pub mod time;
mod timeout;
mod typed;
mod uri;

// Interfaces
mod ceremony;
pub mod keyring;
pub mod observer;
pub mod policy;
mod push_services;
mod reseal_report;
pub mod store;

// Domains
pub mod account;
pub mod approvals;
mod challenge;
pub mod devices;
mod dispatch;
pub mod endpoints;
mod engine;
mod enrollment;
mod evidence;
mod grant;
pub mod import;
pub mod key_rotation;
mod notices;
pub mod outbox;
pub mod recovery;
mod service;
pub mod step_up;
mod stored_factor;
mod throttle;
pub mod totp;
pub mod webauthn;

pub use account::Account;
pub use challenge::{Answer, Challenge, ChallengeSpec, CreatedChallenge, Decision, EndpointRef, Passed};
pub use challenge_type::{ChallengeType, ChallengeTypes};
pub use description::Description;
pub use enrollment::Enrollment;
pub use error::{Error, Invalid, Refused};
pub use factor::Factor;
pub use grant::Grant;
pub use id::{ChallengeId, EndpointId, EnrollmentId, OutboxId};
pub use keyring::KeyRing;
pub use observer::{Observation, Observer};
pub use outbox::Courier;
pub use owner::Owner;
pub use policy::Policy;
pub use purpose::Purpose;
pub use secret::{AnswerData, Secret};
#[cfg(feature = "tokio")]
pub use service::Upkeep;
pub use service::{Builder, Challenges};
pub use state::{Outcome, State};
pub use step_up::StepUp;
pub use store::Store;
pub use time::Timestamp;
pub use timeout::Timeout;
pub use uri::{Origin, ResponseUri};

/// Calls inside a transaction of the host, where the store is in the host's own database.
pub mod joined {
    pub use crate::service::{Committed, Joined, Pending};
}

#[doc(hidden)]
pub use challenge::HolderSpec;

/// The state machine of a challenge, for tests and inspection. Time is an argument, and effects are data.
#[doc(hidden)]
pub mod machine {
    pub use crate::challenge::{AnswerClass, Effect, Event, Issue, Proof, Replacement, Resend, Transition, Verdict};
    pub use crate::totp::TimeStep;
}
