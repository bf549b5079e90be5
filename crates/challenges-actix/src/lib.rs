#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod body;
mod convert;
mod service;

pub use service::service;
