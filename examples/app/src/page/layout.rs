use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::problem::Problem;
use crate::site::Reply;

/// Returns a page. Its addresses are relative, so that the demo works under a path prefix of a proxy.
pub(super) fn layout(title: &str, script: Option<&str>, header: &Markup, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Challenges demo" }
                link rel="icon" href="static/icon.svg" type="image/svg+xml";
                @for sheet in ["colors", "page", "forms", "parts"] {
                    link rel="stylesheet" href={ "static/" (sheet) ".css" };
                }
                @if let Some(script) = script {
                    script type="module" src=(script) {}
                }
            }
            body {
                header.top {
                    a.brand href="./" {
                        img src="static/icon.svg" width="28" height="28" alt="";
                        "Challenges demo"
                    }
                    (header)
                }
                @if script.is_some() {
                    noscript { p.notice { "This page needs JavaScript. Please enable it and reload." } }
                }
                (main)
            }
        }
    }
}

/// Returns a page with one narrow card.
pub(super) fn card(title: &str, script: Option<&str>, card: &Markup) -> Markup {
    layout(title, script, &html! {}, &html! { main.narrow { section.card { (card) } } })
}

/// Returns the error page of a problem.
pub(crate) fn problem(problem: &Problem) -> Reply {
    let content = html! {
        h1 { "Sorry" }
        p { (problem) }
        p { a href="./" { "Go to the start page" } }
    };
    Reply::page(problem.status(), card("Sorry", None, &content))
}

/// Returns a page with status 200.
pub(super) fn ok(page: Markup) -> Reply {
    Reply::page(StatusCode::OK, page)
}
