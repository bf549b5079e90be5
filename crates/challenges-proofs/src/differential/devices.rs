use challenges_core::{Description, Error, Purpose, Secret};

use super::host::Host;
use super::operation::Pick;

/// Returns the purpose of every challenge.
pub(super) fn login() -> Result<Purpose, Error> {
    Ok(Purpose::new("login")?)
}

/// Operations on trusted devices.
impl Host<'_> {
    pub(super) async fn trust(&mut self) -> Result<String, Error> {
        let passed = self.last_passed.as_ref().ok_or(Error::NotFound)?;
        let (device, cookie) = self.challenges.devices().trust(passed, Description::new("browser")?).await?;
        let told = format!("{device:?} {}", cookie.expose());
        self.devices.push((device.owner().clone(), vec![cookie]));
        Ok(told)
    }

    /// Presents a cookie of a device, counted backwards from the present one.
    pub(super) async fn check_device(&mut self, device: Pick, cookie: Pick) -> Result<String, Error> {
        let index = device.index(self.devices.len()).ok_or(Error::NotFound)?;
        let (owner, cookies) = self.devices.get_mut(index).ok_or(Error::NotFound)?;
        let presented = cookie.of(cookies).map_or_else(|| Secret::from(""), |cookie| Secret::from(cookie.expose()));
        let Some((device, next)) = self.challenges.devices().check(owner, &presented, &login()?).await? else {
            return Ok("not trusted".to_owned());
        };
        let told = format!("{device:?} {}", next.expose());
        cookies.push(next);
        Ok(told)
    }
}
