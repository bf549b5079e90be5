//! Challenges: the record, the state machine, and the calls that create, issue, answer and end a challenge.

mod answer;
mod answering;
mod approval;
mod calls;
mod create;
mod decision;
mod effects;
mod endpoint_ref;
mod issue;
mod loaded_factors;
mod message;
mod record;
mod replace;
mod request;
mod request_options;
mod resend;
mod secret;
mod secret_fields;
mod spec;
mod step;
mod verification;

pub use answer::{Answer, AnswerClass};
pub use decision::{Decision, Passed};
pub use endpoint_ref::EndpointRef;
pub use record::Challenge;
pub use replace::HolderSpec;
pub use spec::{ChallengeSpec, CreatedChallenge};
pub use step::{Effect, Event, Issue, Replacement, Resend, Transition};
pub use verification::{Proof, Verdict};

pub(crate) use answering::{answer, answer_in};
pub(crate) use approval::create_action_in;
pub(crate) use calls::{delete, get, list, list_recent, observe_moved};
pub(crate) use create::{create, create_chosen, create_in};
pub(crate) use decision::collected;
pub(crate) use loaded_factors::LoadedFactors;
pub(crate) use replace::{Request as ReplaceRequest, replace};
pub(crate) use request::Link;
pub(crate) use resend::resend;

use crate::state::{Outcome, State};

#[cfg(test)]
mod tests;
