//! The page of support.

use actix_web::web::{Form, Query};
use actix_web::{HttpResponse, http::StatusCode};
use challenges::actix::SteppedUp;
use challenges::{Grant, Owner};
use serde::Deserialize;

use crate::visit::{Failure, Visit, shown};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Help {
    name: String,
    case: String,
    reset: Option<String>,
}

/// Shows what a user has, and helps after a check of the user's identity.
pub(crate) async fn support(
    SteppedUp(step_up): SteppedUp,
    visit: Visit,
    asked: Query<Help>,
    posted: Option<Form<Help>>,
) -> Result<HttpResponse, Failure> {
    let who = step_up.owner().user_id();
    if !visit.bank.users.is_support(who)? {
        return Ok(visit.message(StatusCode::FORBIDDEN, "bank-no-support"));
    }
    let is_post = posted.is_some();
    let help = posted.map_or_else(|| asked.into_inner(), Form::into_inner);
    let owner = Owner::user(if help.name.is_empty() { who } else { &help.name })?;
    let account = visit.bank.challenges.account(&owner);
    if is_post {
        let grant = Grant::administrator(who, help.case)?; // Every act is observed, with the name and the reason.
        match help.reset {
            Some(_) => drop(account.reset(&grant).await?),
            None => account.unlock(&grant).await?,
        }
    }
    Ok(shown(visit.design.support(owner.user_id(), &account.status().await?, is_post)))
}
