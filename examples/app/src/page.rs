//! The pages. The template engine escapes all values.

mod answer;
mod home;
mod layout;
mod sign_in;

pub(crate) use answer::{Link, answer, incomplete_link};
pub(crate) use home::home;
pub(crate) use layout::problem;
pub(crate) use sign_in::sign_in;

#[cfg(test)]
mod tests;
