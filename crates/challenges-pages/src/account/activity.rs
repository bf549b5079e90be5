use std::time::Duration;

use challenges_core::{Challenge, Challenges, Owner, Timestamp};
use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::When;
use super::markup::back;
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The number of challenges on the page.
const SHOWN: usize = 20;
/// The number of challenges to load at once: the maximum of the library.
const AT_ONCE: usize = 500;
/// The maximum number of reads for a period. With more than 2,000 challenges in a minute, the page leaves some out.
const MOST_READS: usize = 4;
/// The periods to look at, from the last minute to the last 31 years, each twice as long as the one before.
const LONGEST: u32 = 24;

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
async fn newest(challenges: &Challenges, user: &Owner) -> Result<Vec<Challenge>, Problem> {
    let mut newest = challenges.list(user, None, AT_ONCE).await?;
    if newest.len() == AT_ONCE {
        newest = most_recent(challenges, user).await?;
    }
    newest.drain(..newest.len().saturating_sub(SHOWN));
    Ok(newest)
}

/// Returns the last challenges of a user with many, oldest first, without reading all of them.
async fn most_recent(challenges: &Challenges, user: &Owner) -> Result<Vec<Challenge>, Problem> {
    let mut certain = Vec::new();
    for doublings in 0..LONGEST {
        let age = Duration::from_secs(60 << doublings);
        let mut found = challenges.list_recent(user, age, AT_ONCE).await?;
        if found.len() < SHOWN {
            certain = found;
            continue;
        }
        let mut is_last = found.len() < AT_ONCE;
        for _ in 1..MOST_READS {
            let Some(last) = found.last().filter(|_| !is_last) else { break };
            let page = challenges.list(user, Some(last.id()), AT_ONCE).await?;
            is_last = page.len() < AT_ONCE;
            found.extend(page);
        }
        let end = found.last().map(Challenge::id);
        found.extend(certain.into_iter().filter(|challenge| Some(challenge.id()) > end));
        return Ok(found);
    }
    Ok(certain)
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
