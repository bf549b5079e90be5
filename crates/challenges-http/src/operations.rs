//! What each operation does: read the call, ask the service, write the answer. No rule of challenges is here.

mod answers;
mod challenges;
mod one_time_use;
mod totp;
mod webauthn;

use crate::fault::Fault;

/// The user whom the query and the body name, where they do.
fn one_user<'a>(query: Option<&'a str>, body: Option<&'a str>) -> Result<Option<&'a str>, Fault> {
    match (query, body) {
        (Some(query), Some(body)) if query != body => Err(Fault::TwoUsers),
        _ => Ok(query.or(body)),
    }
}
