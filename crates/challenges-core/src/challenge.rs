//! The challenge: its types, states and the machine that moves it.

mod action;
mod action_result;
mod kept;
mod record;
mod state;
mod step;
mod types;

pub use action::{Actor, HttpAction, HttpActionParts, Scope};
pub use action_result::ActionResult;
pub use record::Challenge;
pub use state::State;
pub use step::{Compared, Effect, Event, Issue, Outcome, Refused, Replacement, Resend, Transition};
pub use types::{ChallengeType, EndpointRef, Timeout, Types};

pub(crate) use action::{ActorSecrets, OneTimeAction};
pub(crate) use record::{Body, CodeMac, Draft};

#[cfg(test)]
mod tests;
