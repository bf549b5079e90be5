use challenges_core::{Challenge, ChallengeType, State, Timestamp};
use maud::html;

use super::layout::{card, ok};
use crate::site::{Reply, state_text};

/// The types that the secret of a link answers.
const BY_LINK: [ChallengeType; 3] = [ChallengeType::WebPush, ChallengeType::Sms, ChallengeType::Code];

/// The page on which a challenge is approved or declined. The secret stays in the address, which the script takes it
/// from and then clears.
pub(crate) fn answer(challenge: &Challenge, now: Timestamp) -> Reply {
    let state = challenge.state_at(now);
    let kind = BY_LINK.into_iter().find(|kind| challenge.types().offer(*kind));
    let content = html! {
        h1 { "Do you approve?" }
        p.lead { "Approve only if you asked for this yourself, just now." }
        dl.facts {
            div { dt { "For" } dd { bdi #asked-user { (challenge.owner().user_id()) } } }
            div { dt { "Asked" } dd { (time(challenge.created())) } }
            div { dt { "Answer by" } dd { (time(challenge.expires())) } }
        }
        @match (state, kind) {
            (State::Issued, Some(kind)) => {
                div.buttons #decision data-type=(kind) {
                    button.primary #approve type="button" { "Approve" }
                    button.danger #decline type="button" { "Decline" }
                }
                p.status #outcome role="status" {}
            }
            (State::Issued, None) => {
                p.status #outcome role="status" { "This request cannot be answered by a link." }
            }
            _ => {
                p.status #outcome role="status" { "Nothing to decide any more: " (state_text(challenge, state).to_lowercase()) "." }
            }
        }
    };
    ok(card("Do you approve?", Some("static/answer.js"), &content))
}

pub(crate) fn incomplete_link() -> Reply {
    let content = html! {
        h1 { "Open the link again" }
        p { "This address lacks what was in the link. For your safety it is not kept: open the link that you were sent." }
    };
    ok(card("Open the link again", None, &content))
}

fn time(at: Timestamp) -> maud::Markup {
    html! { time data-time=(at.as_millis()) { "…" } }
}
