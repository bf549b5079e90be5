//! The page of support.

use axum::extract::Form;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use challenges::axum::SteppedUp;
use challenges::{Grant, Owner};
use serde::Deserialize;

use crate::visit::{Failure, Visit};

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
    Visit { bank, design, .. }: Visit,
    method: Method,
    Form(help): Form<Help>,
) -> Result<Response, Failure> {
    let who = step_up.owner().user_id();
    if !bank.users.is_support(who)? {
        return Ok((StatusCode::FORBIDDEN, design.message("bank-no-support")).into_response());
    }
    let owner = Owner::user(if help.name.is_empty() { who } else { &help.name })?;
    let account = bank.challenges.account(&owner);
    if method == Method::POST {
        let grant = Grant::administrator(who, help.case)?; // Every act is observed, with the name and the reason.
        match help.reset {
            Some(_) => drop(account.reset(&grant).await?),
            None => account.unlock(&grant).await?,
        }
    }
    Ok(design.support(owner.user_id(), &account.status().await?, method == Method::POST).into_response())
}
