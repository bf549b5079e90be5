#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::{Placeholder, Placeholders, Template};
use crate::error::DeliveryError;

const PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::Link, Placeholder::Minutes], names: "{link} and {minutes}" };

fn filled(text: &str) -> String {
    let template = Template::parse(text, PLACEHOLDERS).unwrap();
    template.fill(|placeholder| if placeholder == Placeholder::Link { "{minutes}" } else { "5" }).to_string()
}

#[test]
fn placeholders_are_replaced_by_values() {
    assert_eq!(filled("no braces"), "no braces");
    assert_eq!(filled("{link}"), "{minutes}", "values are not parsed again");
    assert_eq!(filled("é{minutes}é{minutes}"), "é5é5");
    assert_eq!(filled("{{link}} }}{{"), "{link} }{");
    assert_eq!(filled("{{{minutes}}}"), "{5}");
}

#[test]
fn stray_braces_are_rejected_with_position() {
    for (text, at) in
        [("{", 0), ("}", 0), ("a{code}", 1), ("é{ link}", 2), ("{link", 0), ("{}", 0), ("{LINK}", 0), ("{link}}", 6)]
    {
        let error = Template::parse(text, PLACEHOLDERS).err().unwrap();
        assert!(matches!(error, DeliveryError::Template { at: found, .. } if found == at), "{text}: {error}");
    }
}

#[test]
fn error_lists_allowed_placeholders() {
    let error = Template::parse("{x}", PLACEHOLDERS).err().unwrap().to_string();
    assert_eq!(
        error,
        "byte 0 of the template: only {link} and {minutes} are placeholders here; write {{ and }} for literal braces"
    );
}
