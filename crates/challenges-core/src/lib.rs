#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod address;
mod answered;
mod base62;
mod challenge;
mod codec;
mod concurrent;
mod courier;
mod description;
mod endpoint;
mod enrollment;
mod entropy;
mod error;
mod factor;
mod id;
pub mod keyring;
mod observer;
mod outbox;
mod owner;
mod owner_tag;
mod policy;
mod purpose;
mod request;
mod resealed;
mod secret;
mod sends;
mod service;
mod step_up;
pub mod store;
mod subject;
mod time;
pub mod webauthn;

pub use address::{Origin, ResponseUri};
pub use answered::{Answered, Passed, UsedCredential};
pub use challenge::{
    ActionResult, Actor, Challenge, ChallengeType, EndpointRef, HttpAction, HttpActionParts, Scope, State, Timeout,
    Types,
};
pub use courier::{Courier, Errand, Failure, Job, Message, Receipt, Retry};
pub use description::Description;
pub use endpoint::{Address, Endpoint, PhoneNumber, PushSubscription};
pub use enrollment::{Enrollment, EnrollmentState, TotpEnrollment, TotpKey, WebauthnEnrollment};
pub use entropy::{Entropy, EntropyError, OsEntropy};
pub use error::{Capped, Error, Invalid};
pub use id::{ChallengeId, EndpointId, EnrollmentId, Id, IdText, InvalidId, OutboxId, OwnerTag, SHARDS, Shard};
pub use keyring::{KeyId, KeyRing, MasterKey};
#[cfg(feature = "metrics")]
pub use observer::MetricsObserver;
#[cfg(feature = "tracing")]
pub use observer::TracingObserver;
pub use observer::{Labels, Observation, Observer};
pub use outbox::{
    Act, Confirmation, DeadLetter, Delivery, Dispatched, DropReason, DueEntry, OutboxEntry, OutboxOutcome, Task,
    UnreadableEntry,
};
pub use owner::{MAX_NAME, Owner};
pub use policy::{CodeForm, DispatchPolicy, Policy, PolicyError, ResponseOrigins, SendPolicy, SignCountPolicy};
pub use purpose::Purpose;
pub use request::{
    ActorLinks, Answer, ChallengeSpec, CreatedChallenge, CreatedOneTimeUseAction, CreatedTotpEnrollment,
    OneTimeUseAction, WebauthnEnrollmentSpec,
};
pub use resealed::{ResealCursor, Resealed, Unopened};
pub use secret::{AnswerData, Secret};
pub use sends::SendLimit;
pub use service::{BuildError, Builder, Challenges};
pub use step_up::{StepUp, StepUpRefusal, StepUpRefused, StepUpToken};
pub use store::Store;
pub use subject::Factor;
pub use time::{Clock, SystemClock, Timestamp};

/// The state machine of a challenge, for those who want to look at it or test it: time is an argument, effects are data.
pub mod machine {
    pub use crate::challenge::{Compared, Effect, Event, Issue, Outcome, Refused, Replacement, Resend, Transition};
    pub use crate::factor::{Proof, TimeStep};
}
