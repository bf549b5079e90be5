//! The design of the application.

use challenges::account::AccountStatus;
use maud::{DOCTYPE, Markup, html};

pub(crate) fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; meta name="viewport" content="width=device-width"; title { (title) } }
            body { main { h1 { (title) } (body) } }
        }
    }
}

pub(crate) fn sign_up(problem: &str) -> Markup {
    credentials("/sign-up", "Sign up", problem)
}

pub(crate) fn log_in(problem: &str) -> Markup {
    credentials("/login", "Sign in", problem)
}

fn credentials(path: &str, title: &str, problem: &str) -> Markup {
    let body = html! {
        p role="alert" { (problem) }
        form method="post" action=(path) {
            label { "Name " input name="name" autocomplete="username" required; }
            label { "Password " input type="password" name="password" autocomplete="current-password" required; }
            button { (title) }
        }
        a href="/login" { "Sign in" } " " a href="/sign-up" { "Sign up" }
    };
    page(title, &body)
}

pub(crate) fn home(user: &str, account: &str) -> Markup {
    let body = html! {
        nav { a href="/transfer" { "Transfer" } " " a href=(account) { "Security" } " " a href="/support" { "Support" } }
        form method="post" action="/sign-out" { button { "Sign out" } }
    };
    page(&format!("Hello, {user}"), &body)
}

pub(crate) fn transfer() -> Markup {
    page("Transfer", &html! { form method="post" { button { "Transfer 100" } } })
}

pub(crate) fn message(title: &str, text: &str) -> Markup {
    page(title, &html! { p { (text) } a href="/" { "Home" } })
}

/// The page of support: what a user has, and the two ways to help.
pub(crate) fn support(name: &str, account: &AccountStatus) -> Markup {
    let body = html! {
        form { label { "User " input name="name" value=(name); } button { "Show" } }
        dl {
            dt { "Authenticator apps" } dd { (account.totp.len()) }
            dt { "Passkeys" } dd { (account.webauthn.len()) }
            dt { "Recovery codes" } dd { (account.recovery_codes) }
            dt { "Locked" } dd { (account.locks().count()) }
        }
        form method="post" {
            input type="hidden" name="name" value=(name);
            label { "Case number " input name="case" required; }
            button { "Unlock" } " " button name="reset" value="yes" { "Remove all factors" }
        }
    };
    page("Support", &body)
}
