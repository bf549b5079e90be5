//! The document around each page. The pages of the bank and the pages of `challenges` share it.

use challenges::pages::{Frame, Words};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The name of the bank.
pub(super) const NAME: &str = "Example Bank";

/// The static files, each with path, media type and text.
pub const ASSETS: [(&str, &str, &str); 3] = [
    ("/bank.css", "text/css; charset=utf-8", include_str!("../../assets/bank.css")),
    ("/bank.js", "text/javascript; charset=utf-8", include_str!("../../assets/bank.js")),
    ("/icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];

/// Puts a page of `challenges` into the document of the bank.
pub(super) fn layout(frame: &Frame) -> String {
    let Frame { words, title, head, main, .. } = frame;
    document(words, title, &PreEscaped(head.clone()), &PreEscaped(main.clone())).into_string()
}

pub(super) fn document(words: &Words, title: &str, head: &Markup, main: &Markup) -> Markup {
    let links = [("/transfer", "bank-transfer"), ("/mfa/account", "bank-security"), ("/support", "bank-support")];
    html! {
        (DOCTYPE)
        html lang=(words.language()) dir=(if words.is_right_to_left() { "rtl" } else { "ltr" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (NAME) }
                (head)
                link rel="stylesheet" href="/bank.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                header.bank {
                    a.brand href="/" { (NAME) }
                    nav { @for (path, text) in links { a href=(path) { (words.text(text)) } } }
                }
                main.bank { (main) }
            }
        }
    }
}
