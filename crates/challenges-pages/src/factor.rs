//! The second-factor page, for logins and step-up.

mod answering;
mod case;
mod page;
mod passed;
mod question;

/// The data of the pages, and the members of forms, for the OpenAPI document.
pub(crate) mod data {
    pub(crate) use super::answering::{CodeForm, PasskeyForm};
    pub(crate) use super::page::{FactorPage, Messages, StatePage, Way};
}

use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::route::{Route, Verb, Work};

pub(crate) use question::{Question, cookie_name};

/// The routes of this domain. The query has `purpose` and `return_to` for step-up, and is empty for a login.
pub(crate) const ROUTES: &[Route] = &[
    route(Verb::Get, "factor", "Ask for a factor of the user, for a login or a step-up", |pages, incoming| {
        Box::pin(answering::show(pages, incoming))
    }),
    Route {
        consumes: false,
        ..route(Verb::Get, "factor/state", "Read the state of the challenge", |pages, incoming| {
            Box::pin(answering::state(pages, incoming))
        })
    },
    route(Verb::Post, "factor/passkey", "Answer with a passkey", |pages, incoming| {
        Box::pin(answering::passkey(pages, incoming))
    }),
    route(Verb::Post, "factor/totp", "Answer with a code from an authenticator app", |pages, incoming| {
        Box::pin(answering::totp(pages, incoming))
    }),
    route(Verb::Post, "factor/message", "Answer with the code from a message", |pages, incoming| {
        Box::pin(answering::message(pages, incoming))
    }),
    route(Verb::Post, "factor/recovery", "Answer with a recovery code", |pages, incoming| {
        Box::pin(answering::recovery(pages, incoming))
    }),
    route(Verb::Post, "factor/resend", "Send the messages again", |pages, incoming| {
        Box::pin(answering::resend(pages, incoming))
    }),
    route(Verb::Post, "factor/renew", "Start again with a new challenge", |pages, incoming| {
        Box::pin(answering::renew(pages, incoming))
    }),
];

const fn route(
    method: Verb,
    path: &'static str,
    summary: &'static str,
    handler: for<'a> fn(&'a Pages, &'a Incoming) -> Work<'a>,
) -> Route {
    // Even showing the page may send messages.
    Route { method, path, summary, consumes: true, handler }
}
