#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod router;

pub use router::router;
