//! What the repository says of itself is so: its tables are held against its sources and manifests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod dependencies;
mod manifests;
mod requirements;
mod sources;
mod table;
