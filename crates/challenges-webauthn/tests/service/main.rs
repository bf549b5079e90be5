//! The service with real ceremonies: enrollments, challenges and credential reservations.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod challenges;
mod enrollments;
mod harness;
mod limits;
mod races;
mod reservations;
mod timing;
mod verification;
