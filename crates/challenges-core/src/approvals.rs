//! Approval of one-time-use actions: any of several actors approves or declines, and the HTTP actions of the outcome
//! run.

mod action;
pub(crate) mod actor;
mod http_action;
mod result;
mod stored;

pub use action::{Actions, ActorLinks, OneTimeUseAction};
pub use http_action::HttpAction;
pub use result::ActionResult;

pub(crate) use result::{find_result, load_result, put_result};
pub(crate) use stored::{ActorSecrets, OpenApproval, secret_field};
