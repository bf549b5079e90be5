use super::Account;
use super::status::AccountStatus;
use crate::devices::Devices;
use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::grant::Grant;
use crate::recovery::RecoveryCodes;
use crate::stored_factor::StoredFactor;
use crate::totp::Totp;
use crate::webauthn::Webauthn;

/// The maximum number of walks, for a user who keeps enrolling.
const ROUNDS: usize = 16;

/// Removes all factors, and returns the status before. The walk ends when nothing is left.
pub(super) async fn reset(account: Account<'_>, grant: &Grant) -> Result<AccountStatus, Error> {
    let Account { engine, owner } = account;
    let before = account.status().await?;
    // First, so that the notice of the reset reaches the addresses.
    account.clear(grant, true).await?;
    let mut left = before.clone();
    // The addresses go last, because the notices of the other removals are for them.
    let (addresses, others): (Vec<_>, Vec<_>) = StoredFactor::all().partition(|one| *one == StoredFactor::Endpoint);
    let order = [others, addresses].concat();
    for _ in 0..ROUNDS {
        Devices::new(engine).revoke_all(owner, grant).await?;
        for factor in &order {
            delete(account, grant, &left, *factor).await?;
        }
        left = account.status().await?;
        if left.is_empty() {
            // Again, for marks and locks from meanwhile.
            account.unlock(grant).await?;
            return Ok(before);
        }
    }
    Err(Error::Contended)
}

/// Deletes the factors found in the status.
async fn delete(account: Account<'_>, grant: &Grant, found: &AccountStatus, factor: StoredFactor) -> Result<(), Error> {
    let Account { engine, owner } = account;
    match factor {
        StoredFactor::Totp => {
            for app in &found.totp {
                gone(Totp::new(engine).delete(owner, grant, app.id()).await)?;
            }
        }
        StoredFactor::Webauthn => {
            for key in &found.webauthn {
                gone(Webauthn::new(engine).delete(owner, grant, key.id()).await)?;
            }
        }
        StoredFactor::Endpoint => {
            for address in &found.endpoints {
                gone(Endpoints::new(engine).delete(owner, grant, address.id()).await)?;
            }
        }
        // Also a set of which every code is used up.
        StoredFactor::RecoveryCodes => {
            RecoveryCodes::new(engine).delete(owner, grant).await?;
        }
    }
    Ok(())
}

/// Accepts that the user deleted the item meanwhile.
fn gone(deleted: Result<(), Error>) -> Result<(), Error> {
    match deleted {
        Err(Error::NotFound) => Ok(()),
        other => other,
    }
}
