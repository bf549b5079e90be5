//! The messages of one language.

use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::{CharacterDirection, LanguageIdentifier};

type Bundle = FluentBundle<Arc<FluentResource>>;

/// A language with its messages. Later resources override earlier ones. Cheap to clone.
#[derive(Clone)]
pub(super) struct Language(Arc<Messages>);

struct Messages {
    id: LanguageIdentifier,
    tag: String,
    resources: Vec<Arc<FluentResource>>,
    bundle: Bundle,
}

impl Language {
    pub(super) fn new(id: LanguageIdentifier, resources: Vec<Arc<FluentResource>>) -> Self {
        let mut bundle = Bundle::new_concurrent(vec![id.clone()]);
        for resource in &resources {
            bundle.add_resource_overriding(Arc::clone(resource));
        }
        Self(Arc::new(Messages { tag: id.to_string(), id, resources, bundle }))
    }

    /// Returns the language with further messages.
    pub(super) fn with(&self, resource: Arc<FluentResource>) -> Self {
        Self::new(self.0.id.clone(), self.0.resources.iter().cloned().chain([resource]).collect())
    }

    pub(super) fn is(&self, id: &LanguageIdentifier) -> bool {
        self.0.id == *id
    }

    pub(super) fn tag(&self) -> &str {
        &self.0.tag
    }

    pub(super) fn is_right_to_left(&self) -> bool {
        self.0.id.character_direction() == CharacterDirection::RTL
    }

    /// Returns a message, or `None` if the message is absent or cannot be formatted with these arguments.
    pub(super) fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.0.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.0.bundle.format_pattern(pattern, arguments, &mut errors);
        if errors.is_empty() {
            return Some(text.into_owned());
        }
        tracing::error!(id, language = self.0.tag, ?errors, "message is broken");
        None
    }
}

impl AsRef<LanguageIdentifier> for Language {
    fn as_ref(&self) -> &LanguageIdentifier {
        &self.0.id
    }
}

/// Equal if they are the same language, whatever the messages.
impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Language").field("tag", &self.0.tag).finish_non_exhaustive()
    }
}
