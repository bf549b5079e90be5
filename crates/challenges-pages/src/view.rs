//! The view of a page: data for programs, and markup for people.

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
    /// The name of the field that the error above the form is about.
    pub(crate) invalid: Option<&'static str>,
}

impl View<'_> {
    /// Returns the value of `aria-invalid` for a field.
    pub(crate) fn invalid(&self, field: &str) -> Option<&'static str> {
        (self.invalid == Some(field)).then_some("true")
    }

    /// Returns the value of `aria-describedby` for a field: the error, and the hint if there is one.
    pub(crate) fn described_by(&self, field: &str, hint: Option<&'static str>) -> Option<String> {
        let error = self.invalid(field).map(|_| ERROR_ID);
        let ids: Vec<_> = [error, hint].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// The id of the paragraph with the error above a form.
pub(crate) const ERROR_ID: &str = "error";

/// The content of a page. The serialized form is the response to `Accept: application/json`.
pub(crate) trait Page: Serialize + Send {
    /// The message for the title and the first heading.
    const TITLE: &'static str;

    /// Returns the content of the `main` element.
    fn main(&self, view: View<'_>) -> Markup;
}
