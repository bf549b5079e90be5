use challenges_core::{Challenge, State, Timestamp};
use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::link::Link;
use crate::account::{When, post_form};
use crate::view::{Page, View};

/// The question behind a link. The secret of the link is not repeated.
#[derive(Serialize, ToSchema)]
pub(crate) struct Question {
    challenge_id: String,
    /// The user who is asked. Absent for a one-time-use action that has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// The text of the challenge, for the deciding person.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The origin where the challenge was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created: When,
    #[schema(value_type = String, format = DateTime)]
    expires: When,
    /// `pending`, `issued`, `challenge_failed`, `challenge_passed`, `challenge_declined` or `timed_out`.
    state: &'static str,
    /// `true` if the challenge can be answered by this link.
    open: bool,
    /// `true` if approving needs the number shown where the challenge was started.
    number_match: bool,
    /// `true` for a one-time-use action, which runs once in the name of the approver.
    action: bool,
    /// The only possible answer: `true` to approve, `false` to decline. Absent if both are possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<bool>,
    #[serde(skip)]
    link: Link,
}

impl Question {
    pub(super) fn new(challenge: &Challenge, link: Link, now: Timestamp) -> Self {
        let state = challenge.state_at(now);
        // The name in the link can be anything.
        let user = match challenge.is_action() {
            true => Some(&*link.challenge_uid).filter(|user| challenge.has_actor(user)),
            false => Some(challenge.owner().user_id()),
        };
        Self {
            challenge_id: challenge.id().to_string(),
            user: user.map(str::to_owned),
            description: challenge.description().map(ToString::to_string),
            origin: challenge.origin().map(|origin| origin.as_str().to_owned()),
            created: When(challenge.created()),
            expires: When(challenge.expires()),
            state: state.as_str(),
            open: state == State::Issued && link.kind(challenge).is_some(),
            number_match: challenge.number_match(),
            action: challenge.is_action(),
            allowed: link.only(challenge),
            link,
        }
    }

    /// Returns the form. The secret travels in the body, so that no address contains the secret after the answer.
    fn form(&self, view: View<'_>) -> Markup {
        let words = view.words;
        let Link { challenge_answer, challenge_uid, challenge_type, allowed, .. } = &self.link;
        let fields = html! {
            input type="hidden" name="challenge_id" value=(self.challenge_id);
            input type="hidden" name="challenge_uid" value=(challenge_uid);
            input type="hidden" name="challenge_type" value=(challenge_type);
            @if let Some(allowed) = allowed { input type="hidden" name="allowed" value=(allowed); }
            @if self.link.is_by_email() {
                // The script takes the secret from the fragment, and hides the field.
                div.field data-answer-field {
                    label for="link" { (words.text("answer-link-label")) }
                    input id="link" name="challenge_answer" type="text" dir="ltr" autocomplete="off"
                        autocapitalize="off" spellcheck="false" required aria-describedby="link-hint"
                        value=(challenge_answer.expose());
                    p.hint id="link-hint" { (words.text("answer-link-hint")) }
                }
            } @else {
                input type="hidden" name="challenge_answer" value=(challenge_answer.expose());
            }
            @if self.number_match {
                div.field {
                    label for="number" { (words.text("answer-number-label")) }
                    input.code id="number" name="number_match" type="text" inputmode="numeric" autocomplete="off"
                        maxlength="32" aria-invalid=[view.invalid("number")]
                        aria-describedby=[view.described_by("number", None)];
                }
            }
            div.buttons {
                @if self.allowed != Some(false) {
                    button.primary type="submit" name="decision" value="approve" { (words.text("answer-approve")) }
                }
                @if self.allowed != Some(true) {
                    button.danger type="submit" name="decision" value="decline" { (words.text("answer-decline")) }
                }
                @if !self.action {
                    button.quiet type="submit" name="decision" value="not_me" { (words.text("answer-not-me")) }
                }
            }
        };
        html! { div data-answer { (post_form(view, "answer", &fields)) } }
    }
}

impl Page for Question {
    const TITLE: &'static str = "answer-title";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            @if self.open {
                p { (words.text(if self.allowed == Some(false) { "answer-advice-decline" } else { "answer-advice" })) }
            }
            dl.card {
                @if let Some(description) = &self.description {
                    dt { (words.text("answer-what")) } dd { strong { bdi { (description) } } }
                }
                @if let Some(user) = &self.user { dt { (words.text("answer-for")) } dd { bdi { (user) } } }
                @if let Some(origin) = &self.origin {
                    dt { (words.text("answer-from")) } dd { bdi dir="ltr" { (origin) } }
                }
                @if self.action { dt { (words.text("answer-then")) } dd { (words.text("answer-action")) } }
                dt { (words.text("answer-asked")) } dd { (self.created) }
                dt { (words.text("answer-until")) } dd { (self.expires) }
            }
            @if self.open {
                (self.form(view))
            } @else {
                @let message = match self.state {
                    "issued" => "answer-no-link".to_owned(),
                    state => format!("answer-state-{}", state.replace('_', "-")),
                };
                @let class = if self.state == "challenge_passed" { "notice" } else { "warning" };
                p class=(class) role="status" { (words.text(&message)) }
            }
        }
    }
}
