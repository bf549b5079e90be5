//! The operations: parse the call, ask the service, write the response. All rules of challenges are in the service.

mod answers;
mod challenges;
mod one_time_use;
mod totp;
mod webauthn;

use crate::fault::Fault;

/// Returns the user named in the query or the body. Fails if the two differ.
fn one_user<'a>(query: Option<&'a str>, body: Option<&'a str>) -> Result<Option<&'a str>, Fault> {
    match (query, body) {
        (Some(query), Some(body)) if query != body => Err(Fault::TwoUsers),
        _ => Ok(query.or(body)),
    }
}
