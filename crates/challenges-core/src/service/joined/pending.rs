use std::sync::Arc;

use crate::challenge::{Challenge, CreatedChallenge, Decision};
use crate::error::Invalid;

/// A result that becomes valid when the host's transaction commits; from [`Joined`](super::Joined).
///
/// The result can be read only after [`Committed::confirm`]. A transaction that was rolled back therefore signs no user
/// in, and shows no secret.
///
/// ```compile_fail,E0308
/// # use challenges_core::joined::Pending;
/// # use challenges_core::{Decision, Passed};
/// fn pay(_: Passed) {}
///
/// fn too_early(pending: Pending<Decision>) {
///     pay(pending); // a `Pending` is no `Passed`
/// }
/// ```
#[derive(Debug)]
#[must_use = "commit the transaction, and confirm the result"]
pub struct Pending<T> {
    value: T,
    transaction: TransactionId,
}

/// Proof that a joined transaction was committed, from [`Joined::commit`](super::Joined::commit).
#[derive(Debug)]
#[must_use = "confirm the pending results"]
pub struct Committed {
    transaction: TransactionId,
}

/// The identity of a joined transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct TransactionId(Arc<()>);

impl Committed {
    pub(super) const fn new(transaction: TransactionId) -> Self {
        Self { transaction }
    }

    /// Returns the result of a call in this transaction.
    ///
    /// # Errors
    ///
    /// [`Invalid::OtherTransaction`] when the result belongs to another transaction.
    pub fn confirm<T>(&self, pending: Pending<T>) -> Result<T, Invalid> {
        if Arc::ptr_eq(&self.transaction.0, &pending.transaction.0) {
            Ok(pending.value)
        } else {
            Err(Invalid::OtherTransaction)
        }
    }
}

impl<T> Pending<T> {
    pub(super) const fn new(value: T, transaction: TransactionId) -> Self {
        Self { value, transaction }
    }
}

impl Pending<Decision> {
    /// Returns the challenge as the transaction leaves it.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        self.value.challenge()
    }

    /// Returns whether the user allowed. Use the value to choose the host's own statements; it is not a proof.
    #[must_use]
    pub const fn allows(&self) -> bool {
        matches!(self.value, Decision::Passed(_))
    }
}

impl Pending<CreatedChallenge> {
    /// Returns the new challenge, for example to store the id with the host's own rows.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.value.challenge
    }
}
