//! TOTP (RFC 6238): enrollments of authenticator apps, and the comparison of codes.
//!
//! Codes have six digits and change every 30 seconds (HMAC-SHA-1). An [imported](crate::import) enrollment keeps the
//! hash function, the number of digits and the period of the other system. Each code is accepted at most once.
//! [`Policy::totp_skew`](crate::policy::Policy::totp_skew) sets the tolerance for clocks of authenticators.

mod calls;
mod code;
mod confirmation;
mod enrollment;
mod import;
mod key;

pub use calls::Totp;
#[doc(hidden)]
pub use code::TimeStep;
pub use enrollment::TotpEnrollment;
#[doc(hidden)]
pub use enrollment::TotpFactor;
pub use key::TotpKey;

pub(crate) use code::{Digest, Parameters, comparable, verify};
pub(crate) use import::{Seed, import};
