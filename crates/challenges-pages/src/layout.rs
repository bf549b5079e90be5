//! The frame around every page.

mod document;

use std::fmt;
use std::sync::Arc;

use maud::{Markup, html};
use serde_json::Value;

use crate::asset::file;
use crate::view::View;
use crate::words::Words;

pub(crate) use document::document;

/// The content of a page, which the host's layout makes into a document. See
/// [`PagesBuilder::layout`](crate::PagesBuilder::layout).
///
/// A minimal layout writes, in this order:
///
/// 1. `<html>` with `lang` from [`words`](Self::words) and `dir` from [`direction`](Self::direction)
/// 2. [`head`](Self::head) in `<head>`
/// 3. [`main`](Self::main) in `<main>`
///
/// To replace a single page, compare [`page`](Self::page) and make the content from [`data`](Self::data). The forms of
/// the replacement must post the same fields to the same paths.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Frame {
    /// The name of the page: the id of the message for its title, for example `account-title`.
    pub page: &'static str,
    /// The name of the application, as text.
    pub app: String,
    /// The title, as text.
    pub title: String,
    /// The texts in the language of the visitor.
    pub words: Words,
    /// The path below which the pages are mounted, for example `/mfa`.
    pub prefix: String,
    /// HTML for `<head>`: stylesheet, script and the texts of the script, without the title.
    pub head: String,
    /// HTML of the page with its heading, in an element of class `challenges`.
    pub main: String,
    /// The data of the page: the response to `Accept: application/json`.
    pub data: Value,
}

impl Frame {
    pub(crate) fn new(view: View<'_>, app: &str, page: &'static str, main: &Markup, data: Value) -> Self {
        let title = view.words.text(page);
        Self {
            page,
            app: app.to_owned(),
            words: view.words.clone(),
            prefix: view.prefix.to_owned(),
            head: head(view).into_string(),
            main: html! { div.challenges { h1 { (title) } (main) } }.into_string(),
            title,
            data,
        }
    }

    /// Returns `rtl` for languages written from right to left, and otherwise `ltr`.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        if self.words.is_right_to_left() { "rtl" } else { "ltr" }
    }
}

/// The function that makes documents. The default is the frame of this crate.
#[derive(Clone)]
pub(crate) struct Layout(Arc<dyn Fn(&Frame) -> String + Send + Sync>);

impl Layout {
    pub(crate) fn new(layout: impl Fn(&Frame) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(layout))
    }

    /// Returns the document.
    pub(crate) fn document(&self, frame: &Frame) -> String {
        self.0(frame)
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self::new(|frame| document(frame).into_string())
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Layout")
    }
}

/// Messages that the script shows, each under its name in the script.
const SCRIPT_WORDS: [(&str, &str); 10] = [
    ("insecure", "layout-script-insecure"),
    ("unsupported", "layout-script-unsupported"),
    ("cancelled", "layout-script-cancelled"),
    ("registered", "layout-script-registered"),
    ("unverified", "layout-script-unverified"),
    ("elsewhere", "layout-script-elsewhere"),
    ("blocked", "layout-script-blocked"),
    ("offline", "layout-script-offline"),
    ("failed", "layout-script-failed"),
    ("copied", "layout-script-copied"),
];

fn head(view: View<'_>) -> Markup {
    let words: serde_json::Map<String, Value> =
        SCRIPT_WORDS.iter().map(|(name, id)| ((*name).to_owned(), view.words.text(id).into())).collect();
    html! {
        meta name="challenges-words" content=(Value::Object(words));
        link rel="stylesheet" href=(file::address(view.prefix, "challenges.css"));
        script type="module" src=(file::address(view.prefix, "challenges.js")) {}
    }
}

#[cfg(test)]
mod tests;
