//! What goes wrong under the service: no room, a disk that fails, a damaged file, another process that keeps writing.
//!
//! Each cause is a real one. While it lasts nothing passes without a commit and nothing panics; when it is gone the same
//! answer passes, and whatever was acknowledged is there.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod busy;
mod damage;
mod harness;
mod room;
