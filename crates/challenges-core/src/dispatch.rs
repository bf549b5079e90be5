//! Dispatch of the outbox: leases due entries, has a courier perform the tasks, and stores the results.
//!
//! An entry is leased by compare-and-set before each attempt. Every later write asserts the leased version, so a
//! dispatcher that lost the entry changes nothing.

mod action;
mod assessment;
mod attempt;
mod completion;
mod due;
mod lease;
mod message;
mod observations;
mod pass;
mod retry;
mod transaction;
mod unreadable;
