#![allow(clippy::unwrap_used, clippy::panic)]

mod locales;

use super::{Catalogue, CatalogueError};

fn language(header: &str) -> String {
    Catalogue::default().negotiate(header).language().to_owned()
}

#[test]
fn region_gets_the_language_without_region() {
    assert_eq!(language("pt-BR"), "pt");
    assert_eq!(language("zh-Hant-TW, ar-EG;q=0.3"), "ar");
}

#[test]
fn highest_weight_wins() {
    assert_eq!(language("de;q=0.2, ja;q=0.9, en;q=0.5"), "ja");
}

#[test]
fn english_is_the_default() {
    assert_eq!(language(""), "en");
    assert_eq!(language("nl, xx;q=0.5"), "en");
}

#[test]
fn host_replaces_single_messages() {
    let catalogue = Catalogue::default().add("de", "layout-script-failed = Beispielbank").unwrap();
    assert_eq!(catalogue.negotiate("de").text("layout-script-failed"), "Beispielbank");
    let other = |id| (catalogue.negotiate("de").text(id), Catalogue::default().negotiate("de").text(id));
    let (ours, default) = other("layout-script-copied");
    assert_eq!(ours, default);
}

#[test]
fn variant_falls_back_to_its_language_then_english() {
    let catalogue = Catalogue::default()
        .add("en", "layout-script-failed = english\nonly-english = english")
        .and_then(|catalogue| catalogue.add("pt", "layout-script-failed = pt\nlayout-pt = pt"))
        .and_then(|catalogue| catalogue.add("pt-BR", "layout-script-failed = pt-BR"))
        .unwrap();
    let words = catalogue.negotiate("pt-BR");
    assert_eq!(words.language(), "pt-BR");
    assert_eq!(words.text("layout-script-failed"), "pt-BR");
    assert_eq!(words.text("layout-pt"), "pt");
    assert_eq!(words.text("only-english"), "english");
    assert_eq!(catalogue.negotiate("pt").text("layout-script-failed"), "pt");
}

#[test]
fn host_pins_a_language() {
    let catalogue = Catalogue::default().offer(&["ja"]).unwrap();
    assert_eq!(catalogue.negotiate("de, en").language(), "ja");
}

#[test]
fn first_offered_language_is_the_default() {
    let catalogue = Catalogue::default().offer(&["fr", "en"]).unwrap();
    assert_eq!(catalogue.negotiate("de").language(), "fr");
    assert_eq!(catalogue.negotiate("de, en").language(), "en");
}

#[test]
fn unusable_messages_are_errors() {
    let error = |result: Result<Catalogue, CatalogueError>| result.unwrap_err();
    assert_eq!(error(Catalogue::default().add("not a tag", "a = b")), CatalogueError::Tag("not a tag".to_owned()));
    assert!(matches!(error(Catalogue::default().add("en", "no message")), CatalogueError::Syntax { .. }));
    assert_eq!(error(Catalogue::default().offer(&["nl"])), CatalogueError::NoMessages("nl".to_owned()));
    assert_eq!(error(Catalogue::default().offer(&[])), CatalogueError::NothingOffered);
}
