use challenges_core::account::AccountStatus;
use challenges_core::import::Row;
use challenges_core::step_up::Requirement;
use challenges_core::{Error, Grant, Secret};
use challenges_testkit::administrator;

use super::devices::login;
use super::host::{Host, shown};
use super::operation::{Given, Pick, User};

/// Operations on the account of a user.
impl Host<'_> {
    /// Generates recovery codes, which is refused once the user has a factor.
    pub(super) async fn generate_codes(&mut self, user: User) -> Result<String, Error> {
        let codes = self.challenges.recovery_codes().generate(&user.owner()?, &Grant::first_factor()).await?;
        let codes: Vec<_> = codes.iter().map(Secret::expose).map(str::to_owned).collect();
        let told = format!("{codes:?}");
        self.codes.push((user, codes, 0));
        Ok(told)
    }

    /// Returns the next code of the user's latest set, or a used code.
    pub(super) fn recovery_code(&mut self, user: User, given: Given) -> String {
        let latest = self.codes.iter_mut().rev().find(|(of, _, _)| *of == user);
        let code = latest.and_then(|(_, codes, used)| match given {
            Given::Right => {
                *used += 1;
                codes.get(*used - 1)
            }
            Given::Wrong(0) => codes.get(used.saturating_sub(1)),
            Given::Wrong(_) | Given::Malformed => None,
        });
        code.cloned().unwrap_or_else(|| "ZZZZ-ZZZZ-ZZZZ".to_owned())
    }

    pub(super) async fn import(&self, user: User, seed: u8) -> Result<String, Error> {
        let row: Row = format!(r#"{{ "totp": {{ "secret_hex": "{seed:032x}" }} }}"#).parse()?;
        let imported = self.challenges.account(&user.owner()?).import(&administrator(), &row).await?;
        Ok(format!("{imported:?}"))
    }

    pub(super) async fn set_enabled(&self, pick: Pick, enabled: bool) -> Result<String, Error> {
        let (user, _, id) = pick.of(&self.endpoints).ok_or(Error::NotFound)?;
        let changed = self.challenges.endpoints().set_enabled(&user.owner()?, &administrator(), *id, enabled).await?;
        Ok(format!("{} {}", changed.id(), changed.is_enabled()))
    }

    pub(super) async fn ask(&self, user: User) -> Result<String, Error> {
        let asked = self.challenges.ask(&user.owner()?, login()?, &Requirement::any()).await?;
        let Some((created, account)) = asked else { return Ok("no factor".to_owned()) };
        Ok(format!("{} {}", shown(&created.challenge, self.challenges.now()), described(&account)))
    }

    pub(super) async fn status(&self, user: User) -> Result<String, Error> {
        Ok(described(&self.challenges.account(&user.owner()?).status().await?))
    }

    pub(super) async fn reset(&self, user: User) -> Result<String, Error> {
        Ok(described(&self.challenges.account(&user.owner()?).reset(&administrator()).await?))
    }

    pub(super) async fn erase(&self, user: User) -> Result<String, Error> {
        Ok(format!("{} records erased", self.challenges.account(&user.owner()?).erase().await?))
    }

    pub(super) async fn revoke_devices(&self, user: User) -> Result<String, Error> {
        self.challenges.devices().revoke_all(&user.owner()?, &administrator()).await?;
        Ok("revoked".to_owned())
    }
}

fn described(account: &AccountStatus) -> String {
    let addresses: Vec<_> = account.endpoints.iter().map(|endpoint| account.address(endpoint.id())).collect();
    format!("{account:?} {addresses:?}")
}
