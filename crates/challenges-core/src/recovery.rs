//! Recovery codes: a set of single-use codes, for a user who lost every other factor.
//!
//! A code answers each challenge that offers [`ChallengeType::RecoveryCode`](crate::ChallengeType::RecoveryCode), in
//! any order. A code is used up in the commit that accepts the code. [`Passed::kind`](crate::Passed::kind) names the
//! type, so that a host can send the user to enroll a new factor.
//!
//! The store keeps one record per user, with keyed hashes of the codes. The hashes cannot be re-keyed: the codes end
//! when their key is retired or removed, and the user needs new codes. [`RecoveryCodes::left`] does not count codes
//! that ended.

mod calls;
mod code;
mod set;
mod verification;

pub use calls::RecoveryCodes;

pub(crate) use calls::observe_ended;
pub(crate) use set::RecoverySet;
pub(crate) use verification::{RecoveryMatch, verify};
