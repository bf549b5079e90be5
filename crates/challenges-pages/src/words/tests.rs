#![allow(clippy::unwrap_used, clippy::panic)]

use super::Words;
use super::catalogue::Catalogue;

fn words(language: &str) -> Words {
    let messages =
        "greeting = ( { $name } )\nleft = { $count ->\n [one] one: { $count }\n *[other] other: { $count }\n }\n";
    let catalogue = Catalogue::default().add("en", messages).and_then(|catalogue| catalogue.add("ar", messages));
    catalogue.unwrap().negotiate(language)
}

#[test]
fn arguments_are_isolated_where_directions_may_mix() {
    let greet = |language: &str, name: &str| words(language).with("greeting", &[("name", name)]);
    assert_eq!(greet("en", "Laptop"), "( Laptop )");
    assert_eq!(greet("en", "حاسوب"), "( \u{2068}حاسوب\u{2069} )");
    assert_eq!(greet("ar", "Laptop"), "( \u{2068}Laptop\u{2069} )");
}

#[test]
fn numbers_choose_the_plural_and_are_not_isolated() {
    assert_eq!(words("en").count("left", 1), "one: 1");
    assert_eq!(words("en").count("left", 7), "other: 7");
    assert_eq!(words("ar").count("left", 7), "other: 7");
}

#[test]
fn unknown_id_is_its_own_text() {
    assert_eq!(words("de").text("no-such-message"), "no-such-message");
    assert_eq!(words("de").text("not an id \u{1f600}"), "not an id \u{1f600}");
}

#[test]
fn message_without_its_argument_is_not_shown() {
    assert_eq!(words("en").text("greeting"), "greeting");
}
