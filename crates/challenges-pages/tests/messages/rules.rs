//! Rules that hold for the messages of every language.

use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::outbox::{Errand, Message, Notice};
use challenges_delivery::segments;
use challenges_pages::Catalogue;

use crate::host::{CODE, LANGUAGES, Received, SECRET, errands, link, message};

/// Returns the broken rules.
fn faults(message: &Message, subject: &str, text: &str) -> Vec<&'static str> {
    let (has_link, has_code) = match message {
        Message::Link { code, .. } => (true, code.is_some()),
        Message::Confirmation { .. } => (false, true),
        Message::Notice { .. } => (false, false),
        other => panic!("{other:?}"),
    };
    let is_bound = text.ends_with(&format!("\n\n@app.example #{CODE}"));
    let codes = usize::from(has_code) + usize::from(has_link && has_code);
    let names = ["alice", "mail.example", "4915112345678"];
    let mut faults = Vec::new();
    let mut rule = |fault, holds: bool| {
        if !holds {
            faults.push(fault);
        }
    };
    rule("a mark of direction", !subject.chars().chain(text.chars()).any(is_mark));
    rule("a placeholder", !text.contains(['{', '}']));
    rule("a secret in the subject", !subject.contains(CODE) && !subject.contains(SECRET) && !subject.contains('\n'));
    rule("the link", text.split_whitespace().filter(|word| *word == link()).count() == usize::from(has_link));
    rule("the secret", text.matches(SECRET).count() == usize::from(has_link));
    rule("another link", text.matches("://").count() == 0 || has_link);
    rule("the code", text.matches(CODE).count() == codes && text.match_indices(CODE).all(|(at, _)| is_apart(text, at)));
    rule("the last line", is_bound == (has_link && has_code));
    rule("a name", has_link || names.iter().all(|name| !subject.contains(name) && !text.contains(name)));
    faults
}

/// Characters that are not seen, such as the marks of Fluent, and would become a part of a link or code.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns whether no letter or digit touches the code.
fn is_apart(text: &str, at: usize) -> bool {
    let (before, after) = (text[..at].chars().next_back(), text[at + CODE.len()..].chars().next());
    [before, after].into_iter().flatten().all(|neighbour| !neighbour.is_alphanumeric())
}

/// R22, R67: in every language, links and codes are only where they belong, whole and apart from the text.
#[tokio::test]
async fn every_message_keeps_the_rules() {
    let received = Received::default();
    for language in LANGUAGES {
        let courier = received.translated(&Catalogue::default(), language);
        for (errand, twin) in errands().into_iter().zip(errands()) {
            let (subject, text) = received.by(&courier, "alice", errand).await;
            let faults = faults(message(&twin), &subject, &text);
            assert!(faults.is_empty(), "{language}, {twin:?}: {faults:?} in {subject:?}, {text:?}");
        }
    }
}

/// R67: the negative control of the rules.
#[test]
fn broken_messages_are_found() {
    let remaining = Duration::ZERO;
    let asking = Message::Link { link: link().into(), code: Some(CODE.into()), origin: None, remaining };
    let good = format!("Code {CODE} or\n{}\n\n@app.example #{CODE}", link());
    assert!(faults(&asking, "Subject", &good).is_empty());
    let broken = |subject: &str, text: String, fault| {
        let faults = faults(&asking, subject, &text);
        assert!(faults.contains(&fault), "{text:?}: {faults:?}");
    };
    broken(CODE, good.clone(), "a secret in the subject");
    broken("", good.replace(&link(), &format!("\u{2068}{}\u{2069}", link())), "a mark of direction");
    broken("", good.replace(&link(), &format!("\u{2068}{}\u{2069}", link())), "the link");
    broken("", good.replace(&link(), &format!("{}.", link())), "the link");
    broken("", good.replacen(CODE, &format!("コード{CODE}です"), 1), "the code");
    broken("", good.replacen(CODE, "", 1), "the code");
    broken("", format!("{good}."), "the last line");
    let notice = Message::Notice { notice: Notice::Reset, at: Timestamp::default(), remaining };
    assert_eq!(faults(&notice, "alice", "https://app.example"), ["another link", "a name"]);
}

/// Fluent would isolate links and codes between Arabic letters. Phones would take the marks for a part of the link.
#[tokio::test]
async fn isolation_by_fluent_is_removed() {
    let words = Catalogue::default().negotiate("ar");
    let isolated = words.with("message-sms-link", &[("link", &link()), ("minutes", "10")]);
    assert!(isolated.contains(&format!("\u{2068}{}\u{2069}", link())), "control: {isolated}");
    let received = Received::default();
    let texts = "message-sms-confirmation = \u{2066}{ $code }\u{2069}: الرمز";
    let catalogue = Catalogue::default().add("ar", texts).unwrap();
    let courier = received.translated(&catalogue, "ar");
    let (_, text) = received.by(&courier, "alice", crate::host::sms(crate::host::confirmation())).await;
    assert_eq!(text, format!("{CODE}: الرمز"));
}

/// Gateways charge for each segment. A single letter outside of GSM-7 more than doubles the price of a message.
#[tokio::test]
async fn text_messages_have_few_segments() {
    let received = Received::default();
    let most = [("en", 3, 1), ("de", 3, 1), ("fr", 3, 1), ("es", 3, 2), ("pt", 3, 2), ("ja", 5, 2), ("ar", 5, 2)];
    assert_eq!(most.map(|(language, ..)| language), LANGUAGES);
    for (language, with_link, of_notice) in most {
        let courier = received.translated(&Catalogue::default(), language);
        for errand in errands().into_iter().filter(|errand| matches!(errand, Errand::Sms { .. })) {
            let most = match message(&errand) {
                Message::Link { .. } => with_link,
                Message::Notice { .. } => of_notice,
                _ => 1,
            };
            let (_, text) = received.by(&courier, "alice", errand).await;
            assert!(segments(&text) <= most, "{language}: {} in {text:?}", segments(&text));
        }
    }
}
