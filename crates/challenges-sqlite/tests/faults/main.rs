//! Real faults under the service: a full disk, a failing disk, a corrupt file, a busy database.
//!
//! During a fault no answer passes without a commit, and nothing panics. After the fault the same answer passes, and all
//! acknowledged records are present.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod busy;
mod damage;
mod harness;
mod place;
mod room;
