//! The service over the memory store, with a clock that stands until it is moved.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod answers;
mod at_rest;
mod clock;
mod endpoints;
mod enrollments;
mod faults;
mod harness;
mod one_time_use;
mod replace;
mod step_up;
mod throttle;
