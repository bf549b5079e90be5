//! Tests of the messages in each language, as phones and mailboxes receive them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod choice;
mod host;
mod rules;
mod texts;

#[allow(dead_code, reason = "messages are no HTML")]
#[path = "../shared/pseudo.rs"]
mod pseudo;
