use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::FormError;
use super::markup::{back, post_form, submit};
use super::{done, refused};
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The question before a removal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Removal {
    /// The type of the thing to remove, such as `totp` or `device`.
    kind: &'static str,
    /// The name, masked address or label of the thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip)]
    path: String,
}

impl Removal {
    /// Returns the question. `path` is the path of the page and of the change.
    pub(super) const fn new(kind: &'static str, name: Option<String>, path: String) -> Self {
        Self { kind, name, path }
    }

    /// Returns the reply to a removal: the overview, or the question again with the reason of the refusal.
    pub(super) fn reply(
        self,
        pages: &Pages,
        removed: Result<(), challenges_core::Error>,
        change: &'static str,
    ) -> Result<Reply, Problem> {
        match removed {
            Ok(()) => Ok(done(change)),
            Err(error) => Ok(refused(self, FormError::of(pages, error)?)),
        }
    }
}

impl Page for Removal {
    const TITLE: &'static str = "account-removal-title";

    fn main(&self, view: View<'_>) -> Markup {
        let button = match self.kind {
            "device" => "account-device-revoke",
            "all-devices" => "account-devices-revoke-all",
            _ => "account-remove",
        };
        html! {
            p { (view.words.text(&format!("account-removal-{}", self.kind))) }
            @if let Some(name) = &self.name { p { bdi { (name) } } }
            (post_form(view, &self.path, &html! {
                div.buttons { (submit(view, "danger", button)) (back(view)) }
            }))
        }
    }
}
