#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod answer;
mod incoming;
mod layout;
mod page;
mod pages;
mod problem;
mod reply;
mod route;
mod words;

pub use pages::{Pages, PagesBuilder};
pub use words::Words;
