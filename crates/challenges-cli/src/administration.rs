//! The calls that change the account of a user in the name of an administrator.

use challenges_core::{Challenges, Grant, Owner};

use crate::error::Error;

/// The most walks of a reset, against a user who keeps enrolling.
const ROUNDS: usize = 16;

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

/// The numbers of things that a reset removed.
#[derive(Debug, Default)]
pub(crate) struct Removed {
    pub(crate) totp: usize,
    pub(crate) webauthn: usize,
    pub(crate) endpoints: usize,
    pub(crate) recovery_codes: usize,
    pub(crate) devices: usize,
    pub(crate) locks: usize,
}

/// Removes every factor, address, recovery code and trusted device of the user, and then clears the locks. Challenges stay.
///
/// The walk ends when nothing is left. An enrollment completed meanwhile is removed too.
pub(crate) async fn reset(challenges: &Challenges, owner: &Owner, grant: &Grant) -> Result<Removed, Error> {
    walk(challenges, owner, grant).await.map_err(Error::Reset)
}

async fn walk(challenges: &Challenges, owner: &Owner, grant: &Grant) -> Result<Removed, challenges_core::Error> {
    let mut removed = Removed::default();
    for _ in 0..ROUNDS {
        let status = challenges.account(owner).status().await?;
        // Also a set of which every code is used up.
        challenges.recovery_codes().delete(owner, grant).await?;
        challenges.devices().revoke_all(owner, grant).await?;
        let codes = status.recovery_codes.saturating_add(status.void_recovery_codes);
        let devices = status.devices().len();
        removed.recovery_codes = removed.recovery_codes.saturating_add(codes);
        removed.devices = removed.devices.saturating_add(devices);
        for app in &status.totp {
            count(&mut removed.totp, challenges.totp().delete(owner, grant, app.id()).await)?;
        }
        for key in &status.webauthn {
            count(&mut removed.webauthn, challenges.webauthn().delete(owner, grant, key.id()).await)?;
        }
        for address in &status.endpoints {
            count(&mut removed.endpoints, challenges.endpoints().delete(owner, grant, address.id()).await)?;
        }
        let is_empty = status.totp.is_empty() && status.webauthn.is_empty() && status.endpoints.is_empty();
        if is_empty && codes == 0 && devices == 0 {
            challenges.account(owner).unlock(grant).await?;
            removed.locks = status.locks().count();
            return Ok(removed);
        }
    }
    Err(challenges_core::Error::Contended)
}

/// Counts a deletion. Something that is gone already was deleted by the user meanwhile.
fn count(number: &mut usize, deleted: Result<(), challenges_core::Error>) -> Result<(), challenges_core::Error> {
    match deleted {
        Ok(()) => *number = number.saturating_add(1),
        Err(challenges_core::Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
