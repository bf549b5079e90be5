//! The operations: parse the call, ask the service, write the response. All rules of challenges are in the service.

mod answers;
mod challenges;
mod one_time_use;
mod totp;
mod trusted_devices;
mod webauthn;

use challenges_core::{Grant, Owner};

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;

impl Api {
    /// Returns the grant of a call that changes the factors of a user.
    fn grant(&self, call: &Call, owner: &Owner) -> Result<Grant, Fault> {
        call.principal()?.grant(self.challenges(), owner, call.step_up.as_ref(), call.operation_id)
    }
}

/// Returns the user named in the query or the body. Fails if the two differ.
fn one_user<'a>(query: Option<&'a str>, body: Option<&'a str>) -> Result<Option<&'a str>, Fault> {
    match (query, body) {
        (Some(query), Some(body)) if query != body => Err(Fault::TwoUsers),
        _ => Ok(query.or(body)),
    }
}
