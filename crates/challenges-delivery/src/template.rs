//! Text templates with placeholders.

use std::str::CharIndices;

use zeroize::Zeroizing;

use crate::error::DeliveryError;

/// The size and shape of a template of a message for people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    max_characters: usize,
    has_lines: bool,
}

impl Shape {
    /// A text or push message.
    pub(crate) const SHORT: Self = Self { max_characters: 500, has_lines: true };
    /// The body of an e-mail.
    pub(crate) const BODY: Self = Self { max_characters: 4_000, has_lines: true };
    /// The subject of an e-mail.
    pub(crate) const SUBJECT: Self = Self { max_characters: 150, has_lines: false };
}

/// A name in braces that stands for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    Link,
    Origin,
    Minutes,
    Code,
    To,
    Text,
    Id,
}

impl Placeholder {
    const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Origin => "origin",
            Self::Minutes => "minutes",
            Self::Code => "code",
            Self::To => "to",
            Self::Text => "text",
            Self::Id => "id",
        }
    }
}

/// The placeholders of a kind of template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placeholders {
    pub(crate) allowed: &'static [Placeholder],
    /// The allowed placeholders as text, for errors.
    pub(crate) names: &'static str,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    Placeholder(Placeholder),
}

/// A text with placeholders such as `{link}`. `{{` and `}}` are literal braces.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// Parses the template of a message for people, with the limits of [`DeliveryError::TemplateText`].
    pub(crate) fn parse_message(text: &str, shape: Shape, placeholders: Placeholders) -> Result<Self, DeliveryError> {
        let fits = (1..=shape.max_characters).contains(&text.chars().count());
        let plain = text.chars().all(|character| (character == '\n' && shape.has_lines) || !character.is_control());
        if fits && plain {
            Self::parse(text, placeholders)
        } else {
            Err(DeliveryError::TemplateText { max: shape.max_characters })
        }
    }

    /// Fails without the placeholder.
    pub(crate) fn require(self, placeholder: Placeholder, name: &'static str) -> Result<Self, DeliveryError> {
        if self.has(placeholder) { Ok(self) } else { Err(DeliveryError::TemplateLacks(name)) }
    }

    pub(crate) fn parse(text: &str, placeholders: Placeholders) -> Result<Self, DeliveryError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text.char_indices();
        while let Some((at, character)) = rest.next() {
            if character != '{' && character != '}' {
                literal.push(character);
                continue;
            }
            let wrong = DeliveryError::Template { at, allowed: placeholders.names };
            if rest.as_str().starts_with(character) {
                rest.next();
                literal.push(character);
            } else if character == '}' {
                return Err(wrong);
            } else {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Placeholder(placeholder(&mut rest, placeholders).ok_or(wrong)?));
            }
        }
        pieces.push(Piece::Literal(literal));
        Ok(Self(pieces))
    }

    pub(crate) fn has(&self, placeholder: Placeholder) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Placeholder(it) if *it == placeholder))
    }

    /// Returns the texts between the placeholders.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Placeholder(_) => None,
        })
    }

    pub(crate) fn fill<'a>(&'a self, value: impl Fn(Placeholder) -> &'a str) -> Zeroizing<String> {
        let parts = || {
            self.0.iter().map(|piece| match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::Placeholder(placeholder) => value(*placeholder),
            })
        };
        // Full capacity up front, because a growing string would leave unwiped copies of secrets.
        let mut text = Zeroizing::new(String::with_capacity(parts().map(str::len).sum()));
        parts().for_each(|part| text.push_str(part));
        text
    }
}

/// Reads a placeholder after the opening brace, up to and including the closing brace.
fn placeholder(rest: &mut CharIndices<'_>, placeholders: Placeholders) -> Option<Placeholder> {
    let (name, _) = rest.as_str().split_once('}')?;
    let placeholder = placeholders.allowed.iter().copied().find(|placeholder| placeholder.name() == name)?;
    // `nth` also consumes the closing brace. Names are ASCII, so bytes are characters.
    rest.nth(name.len());
    Some(placeholder)
}

#[cfg(test)]
mod tests;
