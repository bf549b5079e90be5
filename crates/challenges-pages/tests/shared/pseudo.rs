//! A language in which every message is English between marks. Visible text without marks is not in the catalogue.

use challenges_pages::Catalogue;
use fluent_syntax::ast::{Entry, PatternElement};
use fluent_syntax::{parser, serializer};

/// The tag for `Accept-Language`. Region XA is for such languages, by custom.
pub(crate) const LANGUAGE: &str = "en-XA";

const MESSAGES: [&str; 6] = [
    include_str!("../../locales/en/account.ftl"),
    include_str!("../../locales/en/answer.ftl"),
    include_str!("../../locales/en/factor.ftl"),
    include_str!("../../locales/en/layout.ftl"),
    include_str!("../../locales/en/message.ftl"),
    include_str!("../../locales/en/problem.ftl"),
];

/// Elements with data of users and of the service.
const DATA: [&str; 4] = ["bdi", "code", "time", "svg"];

/// Attributes that are shown or spoken.
const ATTRIBUTES: [&str; 4] = [" alt=\"", " aria-label=\"", " placeholder=\"", " title=\""];

/// Returns the catalogue with the language of marks.
pub(crate) fn catalogue() -> Catalogue {
    MESSAGES.into_iter().fold(Catalogue::default(), |catalogue, text| catalogue.add(LANGUAGE, &marked(text)).unwrap())
}

fn marked(text: &str) -> String {
    let mut resource = parser::parse(text).unwrap();
    for entry in &mut resource.body {
        if let Entry::Message(message) = entry {
            let pattern = message.value.as_mut().unwrap();
            pattern.elements.insert(0, PatternElement::TextElement { value: "⟦" });
            pattern.elements.push(PatternElement::TextElement { value: "⟧" });
        }
    }
    serializer::serialize(&resource)
}

/// Checks that an HTML document shows no text but messages, data of users, numbers and the name of the application.
#[track_caller]
pub(crate) fn assert_translated(html: &str) {
    let unmarked = unmarked(html);
    assert!(unmarked.is_empty(), "not in the catalogue: {unmarked:?} in {html}");
}

/// Returns the visible texts that have letters outside of marks.
fn unmarked(html: &str) -> Vec<String> {
    let mut unmarked = Vec::new();
    let mut data = 0_usize;
    for part in html.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { panic!("unescaped `<` before {part:?}") };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if DATA.contains(&name) && !tag.ends_with('/') {
            data = if tag.starts_with('/') { data - 1 } else { data + 1 };
        }
        // The title also has the name of the application, and names of users follow some texts.
        let spoken = ATTRIBUTES.iter().filter_map(|name| tag.split_once(name));
        let spoken = spoken.map(|(_, value)| value.split('"').next().unwrap().to_owned());
        unmarked.extend(spoken.filter(|value| !value.starts_with('⟦')));
        if data == 0 && name != "title" && has_letters_outside_marks(text) {
            unmarked.push(text.to_owned());
        }
    }
    unmarked
}

pub(crate) fn has_letters_outside_marks(text: &str) -> bool {
    let mut depth = 0;
    text.chars().any(|character| {
        match character {
            '⟦' => depth += 1,
            '⟧' => depth -= 1,
            _ => {}
        }
        depth == 0 && character.is_alphabetic()
    })
}

#[test]
fn text_outside_of_the_catalogue_is_found() {
    assert_eq!(unmarked("<p>⟦In⟧ <bdi>Ann</bdi> 3 <b>out</b></p>"), ["out"]);
    assert_eq!(unmarked("<a aria-label=\"Remove: Ann\">⟦Remove⟧</a>"), ["Remove: Ann"]);
    assert_eq!(unmarked("<p>⟦In⟧ out</p>"), ["⟦In⟧ out"]);
    assert!(unmarked("<a aria-label=\"⟦Remove⟧: Ann\">⟦Remove⟧</a><time>3 pm</time>").is_empty());
    assert_eq!(
        catalogue().negotiate(LANGUAGE).count("account-recovery-codes-left", 2),
        "⟦You have 2 unused recovery codes.⟧"
    );
}
