//! The calls that change the account of a user in the name of an administrator.

use challenges_core::account::AccountStatus;
use challenges_core::{Challenges, Grant, Owner};

use crate::error::Error;

/// Clears the failures and locks of every factor.
pub(crate) async fn unlock(challenges: &Challenges, owner: &Owner) -> Result<(), Error> {
    let grant =
        Grant::administrator("challenges-cli", "challenges user unlock").map_err(challenges_core::Error::from)?;
    Ok(challenges.account(owner).unlock(&grant).await?)
}

/// Deletes everything stored about the user, and returns the number of records.
pub(crate) async fn erase(challenges: &Challenges, owner: &Owner) -> Result<usize, Error> {
    Ok(challenges.account(owner).erase().await?)
}

/// Removes every factor, address, recovery code and trusted device of the user, and then clears the locks. Returns the
/// status before.
pub(crate) async fn reset(challenges: &Challenges, owner: &Owner, grant: &Grant) -> Result<AccountStatus, Error> {
    challenges.account(owner).reset(grant).await.map_err(Error::Reset)
}
