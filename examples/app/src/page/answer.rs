use challenges_core::{Challenge, ChallengeType, State, Timestamp};
use maud::{Markup, html};

use super::layout::{card, ok};
use crate::site::{ONE_TIME_USE_ACTION, Reply, state_text};

/// The challenge types with a link.
const BY_LINK: [ChallengeType; 3] = [ChallengeType::WebPush, ChallengeType::Sms, ChallengeType::Code];

/// The parameters of a link, except the challenge's id and the secret.
pub(crate) struct Link {
    /// The user to answer.
    pub(crate) user: Option<String>,
    /// `true` if the link came by e-mail.
    pub(crate) by_email: bool,
    /// The only possible answer to this link, if limited: approve (`true`) or decline (`false`).
    pub(crate) allowed: Option<bool>,
}

/// Returns the page to approve or decline a challenge. The script takes the secret from the page's address and then
/// clears the address.
pub(crate) fn answer(challenge: &Challenge, link: &Link, now: Timestamp) -> Reply {
    let state = challenge.state_at(now);
    let is_action = challenge.is_action();
    let user = link.user.as_deref().filter(|_| is_action).unwrap_or(challenge.owner().user_id());
    let (question, advice) = match link.allowed {
        Some(false) if is_action => ("Do you decline?", "The requester sees that you declined."),
        _ => ("Do you approve?", "Approve only if you started this request yourself, just now."),
    };
    let content = html! {
        h1 { (question) }
        p.lead { (advice) }
        dl.facts {
            div { dt { "For" } dd { bdi #asked-user { (user) } } }
            @if let Some(origin) = challenge.origin() {
                div { dt { "From" } dd { bdi #asked-origin { (origin.as_str()) } } }
            }
            @if let Some(description) = challenge.description() {
                div { dt { "What" } dd { bdi #asked-about { (description) } } }
            }
            @if is_action {
                div { dt { "Then" } dd { "The action runs once, in your name" } }
            }
            div { dt { "Asked" } dd { (time(challenge.created())) } }
            div { dt { "Answer by" } dd { (time(challenge.expires())) } }
        }
        @match (state, answer_type(challenge, link.by_email)) {
            (State::Issued, Some(kind)) => (decision(challenge, kind, link.allowed.filter(|_| is_action))),
            (State::Issued, None) => {
                p.status #outcome role="status" { "This request cannot be answered with a link." }
            }
            _ => {
                p.status #outcome role="status" { "This request is closed: " (state_text(challenge, state).to_lowercase()) "." }
            }
        }
    };
    ok(card(question, Some("static/answer.js"), &content))
}

/// Returns the type of an answer by link, as named in the API.
fn answer_type(challenge: &Challenge, by_email: bool) -> Option<&'static str> {
    let Some(types) = challenge.types() else { return Some(ONE_TIME_USE_ACTION) };
    if by_email {
        return types.contains(ChallengeType::Email).then_some(ChallengeType::Email.as_str());
    }
    BY_LINK.into_iter().find(|kind| types.contains(*kind)).map(ChallengeType::as_str)
}

/// Returns the form with the answer buttons. Opening the page decides nothing.
fn decision(challenge: &Challenge, kind: &str, only: Option<bool>) -> Markup {
    html! {
        form #decision data-type=(kind) {
            @if challenge.number_match() {
                label for="number" { "Number shown where you started the request" }
                input.code #number inputmode="numeric" maxlength="32" autocomplete="off" placeholder="42";
            }
            div.buttons {
                @if only != Some(false) { button.primary #approve type="button" { "Approve" } }
                @if only != Some(true) { button.danger #decline type="button" { "Decline" } }
            }
            @if only.is_none() {
                button.quiet.apart #not-me type="button" { "This was not me" }
            }
        }
        p.status #outcome role="status" {}
    }
}

pub(crate) fn incomplete_link() -> Reply {
    let content = html! {
        h1 { "Open the link again" }
        p { "The address has no request in it. For your safety, the page clears its address: open the original link again." }
    };
    ok(card("Open the link again", None, &content))
}

fn time(at: Timestamp) -> Markup {
    html! { time data-time=(at.as_millis()) { "…" } }
}
