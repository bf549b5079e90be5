//! Evidence: which factors were proven, what they show, and what a route or action requires of them.

mod amr;
mod count;
mod method;
mod proven;
mod requirement;
mod step_up;

pub use proven::Evidence;
pub use requirement::Requirement;
pub use step_up::StepUp;

pub(crate) use method::Method;
pub(crate) use proven::Proven;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::any_evidence;
