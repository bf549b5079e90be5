//! Texts with places for values.

use std::str::CharIndices;

use zeroize::Zeroizing;

use crate::error::DeliveryError;

const MAX_WORDS: usize = 500;

/// What may stand in braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Link,
    Origin,
    Minutes,
    Code,
    To,
    Text,
    Id,
}

impl Slot {
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

/// The slots of a kind of template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    pub(crate) allowed: &'static [Slot],
    /// The same in words, for errors.
    pub(crate) words: &'static str,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    Slot(Slot),
}

/// A text in which `{name}` stands for a value, `{{` and `}}` for braces.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// A template of something that people read.
    pub(crate) fn of_words(text: &str, slots: Slots) -> Result<Self, DeliveryError> {
        let fits = (1..=MAX_WORDS).contains(&text.chars().count());
        let plain = text.chars().all(|character| character == '\n' || !character.is_control());
        if fits && plain { Self::parse(text, slots) } else { Err(DeliveryError::TemplateText { max: MAX_WORDS }) }
    }

    pub(crate) fn parse(text: &str, slots: Slots) -> Result<Self, DeliveryError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text.char_indices();
        while let Some((at, character)) = rest.next() {
            if character != '{' && character != '}' {
                literal.push(character);
                continue;
            }
            let wrong = DeliveryError::Template { at, allowed: slots.words };
            if rest.as_str().starts_with(character) {
                rest.next();
                literal.push(character);
            } else if character == '}' {
                return Err(wrong);
            } else {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Slot(slot(&mut rest, slots).ok_or(wrong)?));
            }
        }
        pieces.push(Piece::Literal(literal));
        Ok(Self(pieces))
    }

    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Slot(it) if *it == slot))
    }

    pub(crate) fn fill<'a>(&'a self, value: impl Fn(Slot) -> &'a str) -> Zeroizing<String> {
        let parts = || {
            self.0.iter().map(|piece| match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::Slot(slot) => value(*slot),
            })
        };
        // Its final size from the start: what grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(parts().map(str::len).sum()));
        parts().for_each(|part| text.push_str(part));
        text
    }
}

/// What follows an opening brace, up to the closing one.
fn slot(rest: &mut CharIndices<'_>, slots: Slots) -> Option<Slot> {
    let (name, _) = rest.as_str().split_once('}')?;
    let slot = slots.allowed.iter().copied().find(|slot| slot.name() == name)?;
    // The name is ASCII, and the brace is one more.
    rest.nth(name.len());
    Some(slot)
}

#[cfg(test)]
mod tests;
