//! A page: data for programs, and markup for people.

use maud::Markup;
use serde::Serialize;

use crate::words::Words;

/// The surroundings that the markup of a page needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The texts in the language of the visitor.
    pub(crate) words: &'a Words,
    /// The path below which the pages are mounted, without a slash at the end.
    pub(crate) prefix: &'a str,
}

/// The content of a page. The serialized form is the response to `Accept: application/json`.
pub(crate) trait Page: Serialize + Send {
    /// The message for the title and the first heading.
    const TITLE: &'static str;

    /// Returns the content of the `main` element.
    fn main(&self, view: View<'_>) -> Markup;
}
