//! The texts of the pages, in the language of the visitor.

mod accept;
mod catalogue;
mod language;

use std::fmt;
use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};

pub use catalogue::{Catalogue, CatalogueError};
use language::Language;

/// The marks that Fluent puts around arguments, so that text of another direction does not mix with the sentence
/// (U+2068 and U+2069; Unicode Standard Annex 9).
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// The texts of the pages in one language. Cheap to clone.
///
/// A message missing in the language is read in the language without the region, such as `pt` for `pt-BR`, and then in
/// English. An unknown id is returned as the text, and logged.
///
/// Arguments are isolated by U+2068 and U+2069 wherever their direction may differ from the sentence: in languages
/// written from right to left, and for arguments with characters other than ASCII. Numbers are never isolated.
#[derive(Clone)]
pub struct Words {
    /// The chosen language first, then the languages to fall back to. Never empty.
    chain: Arc<[Language]>,
}

impl Words {
    /// Chooses among the languages of this crate by an `Accept-Language` header. See [`Catalogue::negotiate`].
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        Catalogue::default().negotiate(accept_language)
    }

    /// Returns the language as a BCP 47 tag, for example `en`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.chain.first().map_or("en", |language| language.tag())
    }

    /// Returns `true` for languages that are written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        self.chain.first().is_some_and(|language| language.is_right_to_left())
    }

    /// Returns a text without arguments.
    #[must_use]
    pub fn text(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// Returns a text with arguments.
    #[must_use]
    pub fn with(&self, id: &str, arguments: &[(&'static str, &str)]) -> String {
        let is_plain = !self.is_right_to_left() && arguments.iter().all(|(_, value)| value.is_ascii());
        let mut named = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            named.set(*name, *value);
        }
        let text = self.format(id, Some(&named));
        if is_plain { text.replace(ISOLATES, "") } else { text }
    }

    /// Returns a text that depends on the number `$count`.
    #[must_use]
    pub fn count(&self, id: &str, count: usize) -> String {
        let mut named = FluentArgs::with_capacity(1);
        named.set("count", FluentValue::from(count));
        self.format(id, Some(&named)).replace(ISOLATES, "")
    }

    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        if let Some(text) = self.chain.iter().find_map(|language| language.format(id, arguments)) {
            return text;
        }
        tracing::error!(id, "message is missing or broken in every language");
        id.to_owned()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Words").field("language", &self.language()).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
