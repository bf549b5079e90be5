//! The pages of the bank.

use challenges::account::AccountStatus;
use challenges::pages::Words;
use maud::{Markup, html};
use serde::Deserialize;

use super::document::document;

/// The pages of the bank, in the language of a visitor.
#[derive(Clone, Debug)]
pub struct Design(Words);

/// A transfer, as typed by the user.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Order {
    /// The recipient.
    pub to: String,
    /// The amount.
    pub amount: String,
}

impl Design {
    pub(super) const fn new(words: Words) -> Self {
        Self(words)
    }

    /// The language of the visitor, as a tag such as `de`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.0.language()
    }

    /// The form for a new user. `problem` is the id of a text.
    #[must_use]
    pub fn sign_up(&self, problem: Option<&str>) -> Markup {
        let form = html! {
            (self.credentials("new-password"))
            div.buttons { button.primary { (self.text("bank-sign-up")) } }
        };
        let body = html! {
            (self.problem(problem))
            section.card { form method="post" action="/sign-up" { (form) } }
            p { a href="/login" { (self.text("bank-sign-in")) } }
        };
        self.page("bank-sign-up", &body)
    }

    /// The form of the login. `return_to` is the page that the visitor asked for.
    #[must_use]
    pub fn log_in(&self, return_to: &str, problem: Option<&str>) -> Markup {
        let form = html! {
            input type="hidden" name="return_to" value=(return_to);
            (self.credentials("current-password"))
            div.buttons { button.primary { (self.text("bank-sign-in")) } }
        };
        let body = html! {
            (self.problem(problem))
            section.card { form method="post" action="/login" { (form) } }
            p { a href="/sign-up" { (self.text("bank-sign-up")) } }
        };
        self.page("bank-sign-in", &body)
    }

    /// The page of a signed-in user.
    #[must_use]
    pub fn home(&self, user: &str) -> Markup {
        let body = html! {
            p { (self.text("bank-user")) " " strong { bdi #user { (user) } } }
            section.card {
                h2 { (self.text("bank-transfer")) }
                // With `get`, the address holds the order, and the step-up leads back to the address.
                form method="get" action="/transfer" { (self.order(&Order::default())) }
            }
            form method="post" action="/sign-out" data-push-sign-out { button.quiet { (self.text("bank-sign-out")) } }
        };
        self.page("bank-home", &body)
    }

    /// The form of a transfer.
    #[must_use]
    pub fn transfer(&self, order: &Order) -> Markup {
        let form = html! { section.card { form method="post" action="/transfer" { (self.order(order)) } } };
        self.page("bank-transfer", &form)
    }

    /// The receipt for a transfer.
    #[must_use]
    pub fn transferred(&self, user: &str, order: &Order) -> Markup {
        let names = [("amount", &*order.amount), ("to", &*order.to), ("user", user)];
        self.page("bank-transfer", &html! { p.notice role="status" { (self.0.with("bank-transferred", &names)) } })
    }

    /// The page of support: the factors of a user, and the two ways to help. `is_done` says that one was taken.
    #[must_use]
    pub fn support(&self, name: &str, account: &AccountStatus, is_done: bool) -> Markup {
        let counts = [
            ("bank-apps", account.totp.len()),
            ("bank-passkeys", account.webauthn.len()),
            ("bank-recovery-codes", account.recovery_codes),
            ("bank-addresses", account.endpoints.len()),
            ("bank-locks", account.locks().count()),
        ];
        let body = html! {
            @if is_done { p.notice role="status" { (self.text("bank-done")) } }
            section.card {
                form action="/support" {
                    (self.field("name", "bank-name", name, "off"))
                    div.buttons { button.quiet { (self.text("bank-show")) } }
                }
                dl { @for (label, count) in counts { dt { (self.text(label)) } dd { (count) } } }
            }
            section.card {
                form method="post" action="/support" {
                    input type="hidden" name="name" value=(name);
                    (self.field("case", "bank-case", "", "off"))
                    div.buttons {
                        button.quiet { (self.text("bank-unlock")) }
                        button.danger name="reset" value="yes" { (self.text("bank-reset")) }
                    }
                }
            }
        };
        self.page("bank-support", &body)
    }

    /// A page with a single text, such as `bank-no-page`.
    #[must_use]
    pub fn message(&self, text: &str) -> Markup {
        self.page(text, &html! { p { a href="/" { (self.text("bank-home")) } } })
    }

    fn credentials(&self, password: &str) -> Markup {
        html! {
            (self.field("name", "bank-name", "", "username"))
            div.field {
                label for="password" { (self.text("bank-password")) }
                input id="password" name="password" type="password" autocomplete=(password) required;
            }
        }
    }

    fn order(&self, order: &Order) -> Markup {
        html! {
            (self.field("to", "bank-to", &order.to, "off"))
            (self.field("amount", "bank-amount", &order.amount, "off"))
            div.buttons { button.primary { (self.text("bank-transfer")) } }
        }
    }

    fn field(&self, name: &str, label: &str, value: &str, autocomplete: &str) -> Markup {
        html! {
            div.field {
                label for=(name) { (self.text(label)) }
                input id=(name) name=(name) value=(value) autocomplete=(autocomplete) autocapitalize="none"
                    spellcheck="false" maxlength="255" required;
            }
        }
    }

    fn problem(&self, text: Option<&str>) -> Markup {
        html! { @if let Some(text) = text { p.error role="alert" { (self.text(text)) } } }
    }

    fn page(&self, title: &str, body: &Markup) -> Markup {
        let title = self.text(title);
        let head = html! {
            link rel="stylesheet" href="/mfa/assets/challenges.css";
            script type="module" src="/bank.js" {}
        };
        document(&self.0, &title, &head, &html! { div.challenges { h1 { (title) } (body) } })
    }

    fn text(&self, id: &str) -> String {
        self.0.text(id)
    }
}
