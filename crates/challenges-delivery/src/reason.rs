//! The reasons that services give for refusals.

use std::fmt;

use http::HeaderMap;
use serde_json::Value;

/// The maximum number of characters of a reason.
const MAX_CHARACTERS: usize = 200;
/// The depth to which a JSON body is searched.
const MAX_DEPTH: usize = 4;
const REDACTED: &str = "[redacted]";

/// The headers in which Microsoft's push service explains a response.
const HEADERS: [&str; 4] =
    ["x-wns-status", "x-wns-notificationstatus", "x-wns-deviceconnectionstatus", "x-wns-error-description"];

/// The members of a JSON body that hold a reason, in lower case and without `-` and `_`.
const MEMBERS: [&str; 15] = [
    "code",
    "description",
    "detail",
    "details",
    "errno",
    "error",
    "errorcode",
    "errordescription",
    "errormessage",
    "errortext",
    "message",
    "msg",
    "reason",
    "status",
    "title",
];

/// The reason of a push service, SMS gateway or mail server for a refusal: at most 200 characters of the body and of
/// the `X-WNS-*` headers, or of the reply, without secrets.
///
/// A JSON body contributes the members that usually hold a reason, such as `code` and `message`. A body of plain text
/// contributes whole sentences only, because a single word could be a token. `[redacted]` replaces
///
/// - the link, the address and the credentials of the request,
/// - numbers of six or more digits,
/// - URLs, addresses and words that look random.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceReason(String);

impl ServiceReason {
    /// Reads the reason of a response with these headers and this start of the body. `secrets` are parts of the request
    /// that the service may repeat.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8], secrets: &[&str]) -> Option<Self> {
        let named = HEADERS.iter().filter_map(|name| {
            let value = headers.get(*name)?.to_str().ok()?;
            Some(format!("{name}: {value}"))
        });
        let parts: Vec<_> = named.chain(body_reason(body)).collect();
        Self::new(&parts.join("; "), secrets)
    }

    /// Reads a reason from a text. `secrets` are parts of the request that the service may repeat.
    pub(crate) fn new(text: &str, secrets: &[&str]) -> Option<Self> {
        let mut text = text.to_owned();
        let mut secrets: Vec<_> = secrets.iter().filter(|secret| secret.len() >= 4).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            text = text.replace(secret, &format!(" {REDACTED} "));
        }
        // Only letters, digits and common punctuation, so that no reason reorders or hides a line of a log.
        let plain = |c: char| match c {
            c if c.is_whitespace() || c.is_control() => Some(' '),
            c => (c.is_alphanumeric() || c.is_ascii_punctuation()).then_some(c),
        };
        let text: String = text.chars().filter_map(plain).collect();
        let mut reason = String::new();
        for word in hide_numbers(&text).split_whitespace() {
            let word = if is_opaque(word) { REDACTED } else { word };
            if word == REDACTED && reason.ends_with(REDACTED) {
                continue;
            }
            if reason.chars().count() + word.chars().count() >= MAX_CHARACTERS {
                break;
            }
            if !reason.is_empty() {
                reason.push(' ');
            }
            reason.push_str(word);
        }
        (!reason.is_empty()).then_some(Self(reason))
    }
}

/// Returns the parts of a text that may be secret: words with a digit or of mixed case.
pub(crate) fn secret_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
        .filter(|word| word.len() >= 6 && (word.chars().any(char::is_numeric) || count_humps(word) > 0))
}

fn body_reason(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        let mut found = Vec::new();
        collect(&json, false, MAX_DEPTH, &mut found);
        return (!found.is_empty()).then(|| found.join(", "));
    }
    let is_sentence = text.split_whitespace().nth(1).is_some() && !text.starts_with(['<', '{', '[']);
    is_sentence.then(|| text.to_owned())
}

/// Collects the strings and numbers of members that hold a reason.
fn collect(value: &Value, is_reason: bool, depth: usize, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_reason => found.push(text.clone()),
        Value::Number(number) if is_reason => found.push(number.to_string()),
        Value::Array(items) if depth > 0 => {
            items.iter().for_each(|item| collect(item, is_reason, depth - 1, found));
        }
        Value::Object(members) if depth > 0 => {
            for (name, member) in members {
                let name = name.replace(['-', '_'], "").to_ascii_lowercase();
                collect(member, MEMBERS.contains(&name.as_str()), depth - 1, found);
            }
        }
        _ => {}
    }
}

/// Replaces numbers of six or more digits, grouped or not: phone numbers and codes. Error codes are shorter.
fn hide_numbers(text: &str) -> String {
    let (mut hidden, mut run) = (String::new(), String::new());
    let flush = |run: &mut String, hidden: &mut String| {
        if run.chars().filter(|c| c.is_numeric()).count() >= 6 {
            hidden.push_str(&format!(" {REDACTED} "));
        } else {
            hidden.push_str(run);
        }
        run.clear();
    };
    for c in text.chars() {
        if c.is_numeric() || c.is_whitespace() || "+-().".contains(c) {
            run.push(c);
        } else {
            flush(&mut run, &mut hidden);
            hidden.push(c);
        }
    }
    flush(&mut run, &mut hidden);
    hidden
}

/// Returns whether a word is part of a URL or an address, or looks random.
fn is_opaque(word: &str) -> bool {
    let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
    let length = word.chars().count();
    let humps = count_humps(word);
    let has_upper_case_run = word.as_bytes().windows(3).any(|run| run.iter().all(u8::is_ascii_uppercase));
    let is_mixed = humps > 3 || humps > 0 && has_upper_case_run;
    let looks_random = length >= 12 && (word.chars().any(char::is_numeric) || is_mixed);
    word.contains(['/', '\\', '@', '%', '=', '&', '?']) || length > 32 || looks_random
}

/// Returns how often an upper-case letter follows a lower-case one.
fn count_humps(word: &str) -> usize {
    word.as_bytes().windows(2).filter(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z'])).count()
}

impl fmt::Display for ServiceReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ServiceReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests;
