//! The languages of the pages and messages, and the texts that a host adds or replaces.

use std::sync::{Arc, LazyLock};

use fluent_bundle::FluentResource;
use fluent_langneg::NegotiationStrategy::{Filtering, Lookup};
use fluent_langneg::negotiate_languages;
use unic_langid::LanguageIdentifier;

use super::language::Language;
use super::{Words, accept};

macro_rules! locales {
    ($($tag:literal)*) => {
        &[$(($tag, &[
            include_str!(concat!("../../locales/", $tag, "/layout.ftl")),
            include_str!(concat!("../../locales/", $tag, "/account.ftl")),
            include_str!(concat!("../../locales/", $tag, "/answer.ftl")),
            include_str!(concat!("../../locales/", $tag, "/factor.ftl")),
            include_str!(concat!("../../locales/", $tag, "/message.ftl")),
            include_str!(concat!("../../locales/", $tag, "/problem.ftl")),
        ])),*]
    };
}

/// The languages of this crate, English first. Their messages are written in Fluent.
pub(super) const LOCALES: &[(&str, &[&str])] = locales!["en" "de" "fr" "es" "pt" "ja" "ar"];

static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(built_in);

/// The texts of the pages, and of messages if wanted, in all languages. Cheap to clone.
///
/// The default has English, German, French, Spanish, Portuguese, Japanese and Arabic. A host can replace messages, add
/// languages, and choose the languages to offer:
///
/// ```
/// use challenges_pages::Catalogue;
///
/// let catalogue = Catalogue::default()
///     .add("en", "problem-title = Sorry")?
///     .add("nl", "problem-title = Helaas")?
///     .offer(&["en", "nl"])?;
/// assert_eq!(catalogue.negotiate("nl-BE, de;q=0.9").text("problem-title"), "Helaas");
/// assert_eq!(catalogue.negotiate("de").text("problem-title"), "Sorry");
/// # Ok::<(), challenges_pages::CatalogueError>(())
/// ```
///
/// The ids and arguments of the messages are in the folder
/// [`locales/en`](https://docs.rs/crate/challenges-pages/latest/source/locales/en/) of this crate.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The languages that visitors may get. Never empty.
    offered: Vec<Language>,
    /// All languages, English first.
    known: Vec<Language>,
}

/// Messages or languages that a [`Catalogue`] cannot use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// The tag of a language is not a BCP 47 language with an optional script, region and variants.
    #[error("`{0}` is not the tag of a language, such as `en` or `pt-BR`")]
    Tag(String),
    /// The messages are not valid Fluent. Contains the first error with the text around it.
    #[error("the messages for `{tag}` are not valid Fluent: {reason}")]
    Syntax {
        /// The language of the messages.
        tag: String,
        /// The error, for the developer.
        reason: String,
    },
    /// An offered language has no messages.
    #[error("no messages for `{0}`; add them first")]
    NoMessages(String),
    /// No language is offered.
    #[error("offer at least one language")]
    NothingOffered,
    /// A text of an SMS, e-mail or push message is too long, lacks its link or code, or has a link or code where none
    /// belongs.
    #[error("the texts `message-{part}-…` for `{tag}` cannot be sent: {reason}")]
    Unsendable {
        /// The language of the texts.
        tag: String,
        /// The kind of messages: `sms`, `email` or `push`.
        part: &'static str,
        /// The error, for the developer.
        reason: String,
    },
}

impl Catalogue {
    /// Adds a language, or replaces single messages of a known language. The messages are in Fluent.
    ///
    /// A regional variant such as `pt-BR` needs only the messages that differ. Missing messages are read in `pt`, and
    /// then in English.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`] if the tag or the messages are malformed.
    pub fn add(mut self, language: &str, messages: &str) -> Result<Self, CatalogueError> {
        let id = parse_tag(language)?;
        let resource = Arc::new(FluentResource::try_new(messages.to_owned()).map_err(|(_, errors)| {
            let reason = errors.first().map_or_else(String::new, ToString::to_string);
            CatalogueError::Syntax { tag: language.to_owned(), reason }
        })?);
        let Some(old) = self.known.iter().find(|known| known.is(&id)) else {
            let added = Language::new(id, vec![resource]);
            self.known.push(added.clone());
            self.offered.push(added);
            return Ok(self);
        };
        let new = old.with(resource);
        for known in self.known.iter_mut().chain(&mut self.offered).filter(|known| known.is(&id)) {
            *known = new.clone();
        }
        Ok(self)
    }

    /// Offers only these languages. The first is the default for visitors who accept none of them.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`] if the list is empty, or contains a language without messages.
    pub fn offer(mut self, languages: &[&str]) -> Result<Self, CatalogueError> {
        let find = |tag: &&str| {
            let id = parse_tag(tag)?;
            let found = self.known.iter().find(|known| known.is(&id));
            found.cloned().ok_or_else(|| CatalogueError::NoMessages((*tag).to_owned()))
        };
        self.offered = languages.iter().map(find).collect::<Result<_, _>>()?;
        if self.offered.is_empty() { Err(CatalogueError::NothingOffered) } else { Ok(self) }
    }

    /// Chooses a language by an `Accept-Language` header (RFC 9110 section 12.5.4), or by a single tag.
    ///
    /// The highest weight wins, then the order in the header. `pt-BR` matches `pt` if there is no `pt-BR`. Without a
    /// match, the first offered language is chosen, by default English.
    #[must_use]
    pub fn negotiate(&self, accept_language: &str) -> Words {
        let requested = accept::languages(accept_language);
        let chosen = negotiate_languages(&requested, &self.offered, self.offered.first(), Lookup);
        let english = self.known.first();
        let chain = negotiate_languages(&chosen, &self.known, english, Filtering);
        Words { chain: chain.into_iter().cloned().collect() }
    }

    /// Returns the texts in each offered language.
    #[cfg(feature = "delivery")]
    pub(crate) fn offered(&self) -> impl Iterator<Item = Words> {
        self.offered.iter().map(|language| self.negotiate(language.tag()))
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        BUILT_IN.clone()
    }
}

fn parse_tag(tag: &str) -> Result<LanguageIdentifier, CatalogueError> {
    tag.parse().map_err(|_| CatalogueError::Tag(tag.to_owned()))
}

/// Returns the messages of this crate. Tests prove that all of them can be parsed.
fn built_in() -> Catalogue {
    let language = |(tag, texts): &(&str, &[&str])| {
        let parse =
            |text: &&str| Arc::new(FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(part, _)| part));
        Language::new(tag.parse().unwrap_or_default(), texts.iter().map(parse).collect())
    };
    let known: Vec<Language> = LOCALES.iter().map(language).collect();
    Catalogue { offered: known.clone(), known }
}

#[cfg(test)]
mod tests;
