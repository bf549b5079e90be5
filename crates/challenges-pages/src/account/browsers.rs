//! Browsers that show push messages.

use challenges_core::endpoints::PushSubscription;
use challenges_core::{ChallengeType, Error, Invalid};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::markup::{back, submit};
use super::{FormError, done, offers, refused, status_for_change};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The form for a push subscription.
#[derive(Serialize, ToSchema)]
pub(crate) struct Browsers {
    /// The `applicationServerKey` for `PushManager.subscribe` (RFC 8292 section 3.2), in base64url. Absent if this
    /// service sends no push messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// A push subscription to add.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Subscribed {
    /// The result of `subscription.toJSON()`, as an object or as text.
    #[schema(value_type = Object)]
    subscription: Value,
    /// The URL of the subscription that the browser replaced (`pushsubscriptionchange`). No step-up is needed then.
    #[serde(default)]
    replaces: Option<String>,
}

pub(super) async fn form(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    status_for_change(pages, incoming).await?;
    Ok(Reply::page(Browsers::new(pages)))
}

pub(super) async fn add(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let user = incoming.user()?;
    let Subscribed { subscription, replaces } = incoming.form()?;
    let parsed = match subscription {
        Value::String(text) => serde_json::from_str::<PushSubscription>(&text),
        other => serde_json::from_value(other),
    };
    let endpoints = pages.shared.challenges.endpoints();
    let added = match (parsed, replaces.filter(|url| !url.is_empty())) {
        (Err(_), _) => Err(Error::from(Invalid::PushSubscription)),
        (Ok(subscription), Some(replaced)) => endpoints.renew_push(user, &replaced, subscription).await,
        (Ok(subscription), None) => {
            offers::check_offered(pages, ChallengeType::WebPush)?;
            let grant = pages.grant(incoming)?;
            endpoints.register_push(user.clone(), &grant, subscription).await
        }
    };
    match added {
        Ok(_) => Ok(done("browser-added")),
        Err(error) => Ok(refused(Browsers::new(pages), FormError::of(pages, error)?)),
    }
}

impl Browsers {
    fn new(pages: &Pages) -> Self {
        Self { key: pages.shared.account.push_key.clone() }
    }
}

impl Page for Browsers {
    const TITLE: &'static str = "account-browsers-add";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            p { (words.text("account-browsers-hint")) }
            noscript { p.error { (words.text("account-needs-script")) } }
            @if let Some(key) = &self.key {
                form method="post" action={ (view.prefix) "/account/browsers" } data-push-subscribe=(key) {
                    input type="hidden" name="subscription";
                    div.buttons { (submit(view, "primary", "account-browsers-start")) (back(view)) }
                }
            } @else {
                p { (words.text("account-browsers-unavailable")) }
                p.buttons { (back(view)) }
            }
        }
    }
}
