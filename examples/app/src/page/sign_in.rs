use maud::html;

use super::layout::{card, ok};
use crate::site::Reply;

pub(crate) fn sign_in() -> Reply {
    let content = html! {
        h1 { "Sign in" }
        p.lead { "Add an authenticator app or a passkey, pass a step-up, and approve a request on your phone." }
        form #sign-in method="post" action="demo/sign-in" {
            label for="user-name" { "User name" }
            input #user-name name="user_name" required maxlength="255" autocomplete="username" autocapitalize="none"
                spellcheck="false" autofocus aria-describedby="no-password";
            p.hint #no-password {
                "This demo has no passwords: anybody can sign in with any name."
            }
            button.primary type="submit" { "Sign in" }
            p.status #sign-in-message role="status" {}
        }
    };
    ok(card("Sign in", Some("static/sign-in.js"), &content))
}
