//! The page of support.

use axum::extract::{Form, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use challenges::axum::SteppedUp;
use challenges::{Grant, Owner};
use serde::Deserialize;

use crate::{Bank, Failure, html};

#[derive(Deserialize)]
pub(crate) struct Help {
    #[serde(default)]
    name: String,
    #[serde(default)]
    case: String,
    reset: Option<String>,
}

/// Shows what a user has, and helps after a check of the user's identity.
pub(crate) async fn support(
    State(bank): State<Bank>,
    SteppedUp(step_up): SteppedUp,
    method: Method,
    Form(help): Form<Help>,
) -> Result<Response, Failure> {
    let who = step_up.owner().user_id();
    if !bank.users.is_support(who)? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let owner = Owner::user(if help.name.is_empty() { who } else { &help.name })?;
    let account = bank.challenges.account(&owner);
    if method == Method::POST {
        // Every act is observed, with the name and the reason.
        let grant = Grant::administrator(who, help.case)?;
        match help.reset {
            Some(_) => drop(account.reset(&grant).await?),
            None => account.unlock(&grant).await?,
        }
    }
    Ok(html::support(owner.user_id(), &account.status().await?).into_response())
}
