//! Enrollments: the authenticators of users, independent of the factor.

mod calls;
mod import;
mod observations;
mod record;
mod state;

pub use record::Enrollment;

pub(crate) use calls::{create, delete, get, get_in_tenant, list};
pub(crate) use import::import;
pub(crate) use observations::{observe_completed, observe_refused, observe_undecided, observe_wrong};
pub(crate) use record::EnrollmentFactor;
pub(crate) use state::EnrollmentState;
