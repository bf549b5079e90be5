//! The page of support.

use actix_web::HttpResponse;
use actix_web::web::{Data, Either, Form, Query};
use challenges::actix::SteppedUp;
use challenges::{Grant, Owner};
use serde::Deserialize;

use crate::{Bank, Failure, html, shown};

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
    bank: Data<Bank>,
    SteppedUp(step_up): SteppedUp,
    help: Either<Form<Help>, Query<Help>>,
) -> Result<HttpResponse, Failure> {
    let who = step_up.owner().user_id();
    if !bank.users.is_support(who)? {
        return Ok(HttpResponse::Forbidden().finish());
    }
    let (help, acts) = match help {
        Either::Left(posted) => (posted.into_inner(), true),
        Either::Right(asked) => (asked.into_inner(), false),
    };
    let owner = Owner::user(if help.name.is_empty() { who } else { &help.name })?;
    let account = bank.challenges.account(&owner);
    if acts {
        // Every act is observed, with the name and the reason.
        let grant = Grant::administrator(who, help.case)?;
        match help.reset {
            Some(_) => drop(account.reset(&grant).await?),
            None => account.unlock(&grant).await?,
        }
    }
    Ok(shown(html::support(owner.user_id(), &account.status().await?)))
}
