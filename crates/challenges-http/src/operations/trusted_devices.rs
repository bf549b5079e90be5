use challenges_core::Owner;
use http::StatusCode;

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::response::{self, Response};
use crate::wire::{ListTrustedDevicesResponse, TrustedDevice};

impl Api {
    pub(crate) async fn list_trusted_devices(&self, call: &Call) -> Result<Response, Fault> {
        let limit = call.query.limit()?;
        let devices = self.challenges().devices().list(&user(call)?).await?;
        let trusted_devices = devices.iter().take(limit).map(TrustedDevice::public).collect();
        response::json(StatusCode::OK, &ListTrustedDevicesResponse { limit, trusted_devices })
    }

    pub(crate) async fn delete_trusted_devices(&self, call: &Call) -> Result<Response, Fault> {
        let owner = user(call)?;
        let grant = self.grant(call, &owner)?;
        self.challenges().devices().revoke_all(&owner, &grant).await?;
        Ok(response::no_content())
    }

    pub(crate) async fn delete_trusted_device(&self, call: &Call) -> Result<Response, Fault> {
        let (id, owner) = (call.id()?, user(call)?);
        let grant = self.grant(call, &owner)?;
        self.challenges().devices().revoke(&owner, &grant, id).await?;
        Ok(response::no_content())
    }
}

/// Returns the user of the devices. A principal for every user has to name one, because devices are listed and revoked
/// per user.
fn user(call: &Call) -> Result<Owner, Fault> {
    // An empty `user_id`, for example from a faulty caller, must not reach the devices of the default user.
    call.principal()?.lists_of(call.query.find_even_empty("user_id"))?.ok_or(Fault::UserUnnamed)
}
