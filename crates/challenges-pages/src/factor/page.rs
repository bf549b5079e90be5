use challenges_core::{Challenge, ChallengeId, ChallengeType, Error, Factor, Invalid, State, Timestamp};
use maud::{Markup, html};
use serde::Serialize;
use serde_json::Value;
use strum::IntoStaticStr;
use utoipa::ToSchema;

use super::case::Case;
use super::question::{Open, takes_answers};
use crate::account::When;
use crate::pages::Pages;
use crate::view::{ERROR_ID, Page, View};

/// The page that asks for a factor.
#[derive(Serialize, ToSchema)]
#[schema(as = Factor)]
pub(crate) struct FactorPage {
    /// `true` at a login, `false` for a step-up.
    login: bool,
    /// The query of the forms, with the question mark.
    query: String,
    /// `issued` while the challenge takes an answer.
    state: &'static str,
    /// The reason for which the last form was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// The seconds to wait before messages can be sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    resend_in: Option<u64>,
    /// The options for `navigator.credentials.get`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    passkey: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<Way>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Messages>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery: Option<Way>,
    /// `true` if the answer may ask to trust this browser.
    may_trust: bool,
    /// `true` if an earlier factor was right, and another is needed.
    is_second: bool,
    /// `true` if a new challenge helps.
    may_renew: bool,
    /// `true` if the visitor just asked for another message.
    #[serde(skip)]
    is_resent: bool,
    #[serde(skip)]
    cancel: String,
    /// The form with the wrong answer.
    #[serde(skip)]
    wrong: Option<Form>,
}

/// The forms with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Form {
    Passkey,
    Totp,
    Message,
    Recovery,
}

impl Form {
    /// Returns the type of the answer. A code of a message answers for push messages too.
    pub(super) const fn kind(self) -> ChallengeType {
        match self {
            Self::Passkey => ChallengeType::Webauthn,
            Self::Totp => ChallengeType::Totp,
            Self::Message => ChallengeType::Sms,
            Self::Recovery => ChallengeType::RecoveryCode,
        }
    }
}

/// A way to answer by a code.
#[derive(Serialize, ToSchema)]
#[schema(as = FactorWay)]
pub(crate) struct Way {
    /// When codes are accepted again after too many wrong ones, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    locked_until: Option<When>,
    /// `true` until support resets the factor.
    is_disabled: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FactorMessages)]
pub(crate) struct Messages {
    /// `true` if messages were queued. `false` if a limit of the user held them back. The limits of an address and of
    /// all messages apply later, when messages are sent.
    sent: bool,
    /// The masked addresses.
    to: Vec<String>,
    /// The number to type on the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// A way to type the code of the message here.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Way>,
}

impl FactorPage {
    pub(super) async fn new(pages: &Pages, case: &Case<'_>, open: &Open, wrong: Option<Form>) -> Result<Self, Error> {
        let Open { question, challenge, account, wait } = open;
        let challenges = &pages.shared.challenges;
        let (now, policy) = (challenges.now(), challenges.policy());
        let state = challenge.as_ref().map_or(State::Pending, |challenge| challenge.state_at(now));
        let types = challenge.as_ref().filter(|_| state == State::Issued).and_then(Challenge::types);
        let offers = |kind| types.is_some_and(|types| types.contains(kind));
        let way = |factor| Way::new(account.locked_until(factor), now);
        let passkey = match question.challenge.filter(|_| offers(ChallengeType::Webauthn)) {
            Some(id) => passkey_options(pages, id).await?,
            None => None,
        };
        let by_message = [ChallengeType::Sms, ChallengeType::WebPush].into_iter().filter(|kind| offers(*kind));
        let by_message: Vec<_> = by_message.collect();
        let to = account.endpoints.iter().filter(|endpoint| {
            endpoint.is_confirmed() && endpoint.is_enabled() && by_message.contains(&endpoint.channel())
        });
        let by_code = by_message.contains(&ChallengeType::Sms) && policy.message_code_digits.is_some();
        let was_sent = challenge.as_ref().is_some_and(Challenge::has_message);
        let message = (!by_message.is_empty()).then(|| Messages {
            sent: was_sent,
            to: to.filter_map(|endpoint| account.address(endpoint.id())).map(str::to_owned).collect(),
            number: question.number.clone(),
            code: by_code.then(|| way(Factor::MessageCode)),
        });
        let has_codes = account.recovery_codes > 0 && case.requirement().admits(ChallengeType::RecoveryCode);
        Ok(Self {
            login: case.is_login(),
            query: case.query(),
            state: state.as_str(),
            error: match wrong {
                Some(_) => Some("factor-wrong"),
                None => challenge.is_none().then_some("factor-too-many-messages"),
            },
            resend_in: *wait,
            passkey,
            totp: offers(ChallengeType::Totp).then(|| way(Factor::Totp)),
            message,
            recovery: has_codes.then(|| way(Factor::RecoveryCode)),
            may_trust: case.is_login() && pages.trusts_browsers(),
            is_second: !case.proven.is_empty(),
            may_renew: !challenge.as_ref().is_some_and(|one| takes_answers(pages, one)),
            is_resent: case.is_resent,
            cancel: if case.is_login() { pages.shared.sign_in.clone() } else { case.return_to.clone() },
            wrong,
        })
    }

    fn action(&self, view: View<'_>, name: &str) -> String {
        format!("{}/factor/{name}{}", view.prefix, self.query)
    }

    fn code_form(&self, view: View<'_>, form: Form, way: &Way) -> Markup {
        let (words, name) = (view.words, <&str>::from(form));
        let (field, lock) = (format!("factor-{name}-code"), format!("factor-{name}-lock"));
        let (recovery, is_wrong) = (form == Form::Recovery, self.wrong == Some(form));
        let is_locked = way.is_disabled || way.locked_until.is_some();
        let reasons = [is_wrong.then_some(ERROR_ID), is_locked.then_some(&*lock)];
        let described = reasons.iter().flatten().copied().collect::<Vec<_>>().join(" ");
        html! {
            form method="post" action=(self.action(view, name)) {
                @if way.is_disabled {
                    p.error id=(lock) role="alert" { (words.text("factor-disabled")) }
                } @else if let Some(until) = way.locked_until {
                    p.error id=(lock) role="alert" { (words.text("factor-locked")) " " (until.next_minute()) }
                }
                div.field {
                    label for=(field) { (words.text(&format!("factor-{name}-label"))) }
                    input.code.long[recovery] id=(field) name="code" required autocapitalize="none" spellcheck="false"
                        autocomplete=(if recovery { "off" } else { "one-time-code" })
                        inputmode=(if recovery { "text" } else { "numeric" }) maxlength="64"
                        autofocus[self.is_focused(form)]
                        aria-invalid=[is_wrong.then_some("true")]
                        aria-describedby=[Some(described).filter(|ids| !ids.is_empty())];
                }
                @if !recovery { (self.trust(view, name)) }
                div.buttons { button.primary type="submit" { (words.text("factor-confirm")) } }
            }
        }
    }

    /// Returns whether the field of a form has the focus: the field with the wrong answer, or else the first field.
    fn is_focused(&self, form: Form) -> bool {
        let first = match (&self.passkey, &self.totp) {
            (Some(_), _) => Form::Passkey,
            (None, Some(_)) => Form::Totp,
            (None, None) => Form::Message,
        };
        self.wrong.unwrap_or(first) == form
    }

    fn trust(&self, view: View<'_>, name: &str) -> Markup {
        let id = format!("factor-{name}-trust");
        html! {
            @if self.may_trust {
                div.field {
                    input type="checkbox" id=(id) name="trust" value="yes";
                    " " label for=(id) { (view.words.text("factor-trust")) }
                }
            }
        }
    }

    fn passkey_card(&self, view: View<'_>, options: &Value) -> Markup {
        let words = view.words;
        html! {
            section.card aria-labelledby="factor-passkey" {
                h2 id="factor-passkey" { (words.text("factor-passkey")) }
                form method="post" action=(self.action(view, "passkey")) data-passkey-get=(options)
                    data-needs-script hidden {
                    input type="hidden" name="credential";
                    (self.trust(view, "passkey"))
                    div.buttons { button.primary type="submit" { (words.text("factor-passkey-use")) } }
                }
                noscript { p.hint { (words.text("factor-passkey-needs-script")) } }
            }
        }
    }

    fn messages(&self, view: View<'_>, messages: &Messages) -> Markup {
        let words = view.words;
        // The address in the browser may be that of a form, which shows nothing to a GET.
        let page = format!("{}/factor{}", view.prefix, self.query);
        html! {
            section.card aria-labelledby="factor-message" data-poll=(self.action(view, "state"))
                data-poll-state=(self.state) data-poll-next=(page) {
                h2 id="factor-message" { (words.text("factor-message")) }
                @if messages.sent {
                    @if self.is_resent { p.notice role="status" { (words.text("factor-message-sent-again")) } }
                    p { (words.text("factor-message-sent")) }
                    ul.list { @for address in &messages.to { li.row { bdi { (address) } } } }
                    @if let Some(number) = &messages.number {
                        p { (words.text("factor-number")) }
                        p.number { (number) }
                    }
                    @if let Some(way) = &messages.code { (self.code_form(view, Form::Message, way)) }
                    p.hint { (words.text("factor-message-continue")) }
                    p.hint { (words.text("factor-message-late")) }
                } @else {
                    p.warning role="status" { (words.text("factor-too-many-messages")) }
                }
                (self.wait(view))
                form method="post" action=(self.action(view, "resend")) {
                    div.buttons {
                        button.quiet type="submit" { (words.text("factor-resend")) }
                        @if messages.sent { a.quiet href=(page) { (words.text("factor-message-check")) } }
                    }
                }
            }
        }
    }

    fn wait(&self, view: View<'_>) -> Markup {
        html! {
            @if let Some(seconds) = self.resend_in {
                p.error role="alert" {
                    (view.words.count("factor-resend-wait", usize::try_from(seconds).unwrap_or(usize::MAX)))
                }
            }
        }
    }

    fn renewal(&self, view: View<'_>) -> Markup {
        let words = view.words;
        let reason = match self.state {
            "challenge_declined" => Some("factor-declined"),
            "timed_out" => Some("factor-timed-out"),
            "challenge_failed" => Some("factor-failed"),
            "challenge_passed" => Some("factor-passed"),
            // The error of the page says why.
            "pending" => None,
            _ => Some("factor-exhausted"),
        };
        html! {
            section.card {
                @if let Some(reason) = reason { p.warning role="status" { (words.text(reason)) } }
                @if self.message.is_none() { (self.wait(view)) }
                form method="post" action=(self.action(view, "renew")) {
                    div.buttons { button.primary type="submit" { (words.text("factor-renew")) } }
                }
            }
        }
    }
}

impl Page for FactorPage {
    const TITLE: &'static str = "factor-title";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        let totp = self.totp.as_ref().map(|way| {
            html! {
                section.card aria-labelledby="factor-totp" {
                    h2 id="factor-totp" { (words.text("factor-totp")) }
                    (self.code_form(view, Form::Totp, way))
                }
            }
        });
        let messages = self.message.as_ref().map(|messages| self.messages(view, messages));
        let passkey = self.passkey.as_ref().map(|options| self.passkey_card(view, options));
        let mut ways: Vec<Markup> = [passkey, totp, messages].into_iter().flatten().collect();
        let others = if ways.len() > 1 { ways.split_off(1) } else { Vec::new() };
        html! {
            p { (words.text(if self.login { "factor-why-login" } else { "factor-why-step-up" })) }
            @if self.is_second { p.notice role="status" { (words.text("factor-second")) } }
            @if let Some(error) = self.error { p.error id=(ERROR_ID) role="alert" { (words.text(error)) } }
            @if self.may_renew { (self.renewal(view)) }
            @for way in &ways { (way) }
            @if !others.is_empty() || self.recovery.is_some() {
                // A report on a way is in sight.
                @let has_report = self.error.is_some() || self.resend_in.is_some() || self.is_resent;
                details.card open[has_report || ways.is_empty()] {
                    summary { (words.text("factor-other-way")) }
                    @for way in &others { (way) }
                    @if let Some(way) = &self.recovery {
                        section.card aria-labelledby="factor-recovery" {
                            h2 id="factor-recovery" { (words.text("factor-recovery")) }
                            p.hint { (words.text("factor-recovery-hint")) }
                            (self.code_form(view, Form::Recovery, way))
                        }
                    }
                }
            }
            p { a.quiet href=(self.cancel) { (words.text("factor-cancel")) } }
        }
    }
}

impl Way {
    fn new(locked_until: Option<Timestamp>, now: Timestamp) -> Self {
        let is_disabled = locked_until == Some(Timestamp::MAX);
        let until = locked_until.filter(|until| !is_disabled && now < *until);
        Self { locked_until: until.map(When), is_disabled }
    }
}

/// The page before a challenge that another site asked for by a link.
#[derive(Serialize)]
pub(super) struct Start {
    query: String,
}

impl Start {
    pub(super) fn new(case: &Case<'_>) -> Self {
        Self { query: case.query() }
    }
}

impl Page for Start {
    const TITLE: &'static str = "factor-title";

    fn main(&self, view: View<'_>) -> Markup {
        html! {
            section.card {
                p { (view.words.text("factor-why-step-up")) }
                form method="post" action=(format!("{}/factor/renew{}", view.prefix, self.query)) {
                    div.buttons { button.primary type="submit" { (view.words.text("factor-continue")) } }
                }
            }
        }
    }
}

/// The state of the challenge, polled by the script.
#[derive(Serialize, ToSchema)]
#[schema(as = FactorState)]
pub(crate) struct StatePage {
    /// The state of the challenge, such as `issued`.
    pub(super) state: &'static str,
}

impl Page for StatePage {
    const TITLE: &'static str = "factor-title";

    fn main(&self, _: View<'_>) -> Markup {
        html! { p { (self.state) } }
    }
}

/// Returns the options for the browser, or `None` if no credential can answer any more.
async fn passkey_options(pages: &Pages, id: ChallengeId) -> Result<Option<Value>, Error> {
    match pages.shared.challenges.webauthn().request_options(id).await {
        Ok(options) => Ok(Some(options)),
        Err(Error::Invalid(Invalid::NoAssertionExpected | Invalid::SeveralRelyingParties)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
