//! TOTP enrollments: a key that a user's authenticator holds.

mod key;
mod record;

pub use key::TotpKey;
pub use record::{EnrollmentState, TotpEnrollment};

pub(crate) use record::{Confirmation, place};

#[cfg(test)]
mod tests;
