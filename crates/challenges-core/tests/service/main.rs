//! Tests of the service over the memory store, with a fake clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod account;
mod answers;
mod at_rest;
mod authenticity;
mod budgets;
mod clock;
mod copying;
mod courier;
mod dead_letters;
mod deliveries;
mod descriptions;
mod devices;
mod dispatch;
mod emails;
mod endpoints;
mod enrollments;
mod equal_tags;
mod erasure;
mod evidence;
mod existing;
mod faults;
mod harness;
mod imports;
mod interleavings;
mod joined;
mod leases;
mod message_codes;
mod numbers;
mod observations;
mod one_time_use;
mod open_challenges;
mod phones;
mod recovery;
mod replace;
mod reseal_faults;
mod retirement;
mod rotation;
mod sends;
mod starting;
mod step_up;
mod subscriptions;
mod tagging;
mod throttle;
#[cfg(feature = "tokio")]
mod upkeep;
