//! The service with real ceremonies: enrollments, challenges and credential reservations.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod challenges;
mod enrollments;
mod forgery;
mod harness;
mod imports;
mod limits;
mod races;
mod reservations;
#[allow(dead_code)]
#[path = "../../../challenges-core/tests/service/tagging.rs"]
mod tagging;
mod timing;
mod verification;
