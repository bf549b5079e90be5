use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::Value;

/// The result of a command, as JSON and as text.
#[derive(Debug)]
pub(crate) struct Report {
    json: Value,
    text: Option<String>,
    exit: Exit,
}

/// The exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Fine = 0,
    /// A check found a problem, or work is left.
    Problem = 1,
    Usage = 2,
    /// The store or the keys cannot be used.
    Unavailable = 3,
    NotFound = 4,
    Unconfirmed = 5,
}

impl Report {
    pub(crate) const fn new(json: Value) -> Self {
        Self { json, text: None, exit: Exit::Fine }
    }

    /// Replaces the text made from the JSON.
    pub(crate) fn with_text(mut self, text: String) -> Self {
        self.text = Some(text);
        self
    }

    pub(crate) const fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn render(&self, is_json: bool) -> String {
        match &self.text {
            _ if is_json => format!("{:#}\n", self.json),
            Some(text) => text.clone(),
            None => {
                let mut text = String::new();
                for (name, value) in self.json.as_object().into_iter().flatten() {
                    write_field(&mut text, name, value);
                }
                text
            }
        }
    }
}

/// Writes a field on a line, and each element of a list on a line of its own.
fn write_field(text: &mut String, name: &str, value: &Value) {
    // Writing to a string cannot fail.
    let _ = match value.as_array() {
        Some(list) if list.is_empty() => writeln!(text, "{name}: none"),
        Some(list) => writeln!(text, "{name}:")
            .and_then(|()| list.iter().try_for_each(|element| writeln!(text, "  {}", inline(element)))),
        None => writeln!(text, "{name}: {}", inline(value)),
    };
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => shown(text),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(list) => list.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}={}", field(value))).collect::<Vec<_>>().join("  ")
        }
    }
}

/// Returns the value of a field on a shared line. A name chosen by a user is quoted if it could be taken for more
/// fields.
fn field(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.is_empty() || text.contains([' ', '=', ',', '"']) => format!("{text:?}"),
        _ => inline(value),
    }
}

/// Returns a text for a terminal. A text with control characters, or with invisible characters that change the
/// direction of the following text, is quoted and escaped.
pub(crate) fn shown(text: &str) -> String {
    let is_hidden = |char: char| !matches!(char, '"' | '\'' | '\\') && char.escape_debug().len() > 1;
    if text.contains(is_hidden) { format!("{text:?}") } else { text.to_owned() }
}

impl Exit {
    /// Returns the kind of an error with this code.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Problem => "problem",
            Self::Usage => "usage",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not_found",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests;
