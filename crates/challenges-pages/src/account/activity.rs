use std::collections::VecDeque;

use challenges_core::{Challenge, Challenges, Owner, Timestamp};
use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::When;
use super::markup::back;
use crate::incoming::Incoming;
use crate::page::{Page, View};
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;

/// The number of challenges on the page.
const SHOWN: usize = 20;
/// The number of challenges to load at once: the maximum of the library.
const AT_ONCE: usize = 500;

/// The newest challenges of the user, newest first. Ended challenges are kept for a day by default.
#[derive(Serialize, ToSchema)]
pub(crate) struct Activity {
    challenges: Vec<Event>,
}

/// A challenge of the user.
#[derive(Serialize, ToSchema)]
pub(crate) struct Event {
    #[schema(value_type = String, format = DateTime)]
    created: When,
    /// `pending`, `issued`, `challenge_failed`, `challenge_passed`, `challenge_declined` or `timed_out`.
    state: &'static str,
    /// The text for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The number of wrong answers.
    wrong_answers: u32,
}

pub(super) async fn show(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let challenges = &pages.shared.challenges;
    let newest = newest(challenges, incoming.user()?).await?;
    let now = challenges.now();
    let challenges = newest.iter().rev().map(|challenge| Event::new(challenge, now)).collect();
    Ok(Reply::page(Activity { challenges }))
}

/// Returns the newest challenges of a user, oldest first.
async fn newest(challenges: &Challenges, user: &Owner) -> Result<VecDeque<Challenge>, Problem> {
    let mut newest = VecDeque::new();
    loop {
        let after = newest.back().map(Challenge::id);
        let page = challenges.list(user, after, AT_ONCE).await?;
        let is_last = page.len() < AT_ONCE;
        newest.extend(page);
        newest.drain(..newest.len().saturating_sub(SHOWN));
        if is_last {
            return Ok(newest);
        }
    }
}

impl Event {
    fn new(challenge: &Challenge, now: Timestamp) -> Self {
        Self {
            created: When(challenge.created()),
            state: challenge.state_at(now).as_str(),
            description: challenge.description().map(ToString::to_string),
            wrong_answers: challenge.wrong_answers(),
        }
    }
}

impl Page for Activity {
    const TITLE: &'static str = "account-activity-title";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            p.hint { (words.text("account-activity-hint")) }
            @if self.challenges.is_empty() { p { (words.text("account-activity-none")) } } @else { ul.list {
                @for event in &self.challenges {
                    li.row {
                        div {
                            (event.created) ": " (words.text(&state_message(event.state)))
                            @if let Some(description) = &event.description { p { bdi { (description) } } }
                            @if event.wrong_answers > 0 {
                                @let count = usize::try_from(event.wrong_answers).unwrap_or(usize::MAX);
                                p.hint { (words.count("account-activity-wrong", count)) }
                            }
                        }
                    }
                }
            } }
            p.buttons { (back(view)) }
        }
    }
}

/// Returns the message that names a state.
fn state_message(state: &str) -> String {
    format!("account-state-{}", state.replace('_', "-"))
}
