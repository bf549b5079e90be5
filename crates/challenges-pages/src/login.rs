//! The login flow: from the password to the session.

/// The purpose of the second factor of a login.
pub(crate) const PURPOSE: &str = "login";
