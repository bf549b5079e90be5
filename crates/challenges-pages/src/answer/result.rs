use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::link::Choice;
use crate::view::{Page, View};

/// The decision was stored.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answered {
    decision: Choice,
}

impl Answered {
    pub(super) const fn new(decision: Choice) -> Self {
        Self { decision }
    }
}

impl Page for Answered {
    const TITLE: &'static str = "answer-done-title";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        let message = match self.decision {
            Choice::Approve => "answer-approved",
            Choice::Decline => "answer-declined",
            Choice::NotMe => "answer-declined-not-me",
        };
        html! {
            p.notice role="status" { (words.text(message)) }
            @if self.decision == Choice::NotMe { p { strong { (words.text("answer-change-password")) } } }
            p.hint { (words.text("answer-close")) }
        }
    }
}

/// The page of an address without a link.
#[derive(Serialize)]
pub(super) struct Incomplete {}

impl Page for Incomplete {
    const TITLE: &'static str = "answer-incomplete-title";

    fn main(&self, view: View<'_>) -> Markup {
        html! { p { (view.words.text("answer-incomplete")) } }
    }
}
