//! The texts of the pages, in the language of the visitor.

/// The texts of the pages in one language. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Words {
    language: &'static str,
}

impl Words {
    /// Chooses the language by an `Accept-Language` header (RFC 9110 section 12.5.4). Default: English.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        let _ = accept_language;
        Self { language: "en" }
    }

    /// Returns the language as a BCP 47 tag, for example `en`.
    #[must_use]
    pub const fn language(&self) -> &str {
        self.language
    }

    /// Returns `true` for languages that are written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        self.language == "ar"
    }

    /// Returns a text without arguments.
    pub(crate) fn text(&self, id: &str) -> String {
        id.to_owned()
    }

    /// Returns a text with arguments.
    pub(crate) fn with(&self, id: &str, arguments: &[(&'static str, &str)]) -> String {
        let _ = arguments;
        id.to_owned()
    }

    /// Returns a text that depends on a number.
    pub(crate) fn count(&self, id: &str, count: usize) -> String {
        let _ = count;
        id.to_owned()
    }
}
