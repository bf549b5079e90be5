#![allow(clippy::unwrap_used)]

use super::EmailTemplate;
use crate::error::DeliveryError;

const CODE: (&str, &str) = ("Code", "{code}");

#[test]
fn default_texts_are_valid() {
    let template = EmailTemplate::default();
    assert!(template.link(true).body.has(crate::template::Placeholder::Code));
    assert!(!template.link(false).body.has(crate::template::Placeholder::Code));
}

#[test]
fn subjects_are_one_line_without_secrets() {
    assert!(EmailTemplate::new(("{origin} {minutes}", "{link}\n\n{origin}"), CODE).is_ok());
    for subject in ["{link}", "{code}", "{origin"] {
        let refused = EmailTemplate::new((subject, "{link}"), CODE);
        assert!(matches!(refused, Err(DeliveryError::Template { .. })), "{subject}");
        let refused = EmailTemplate::new(("Link", "{link}"), CODE).unwrap().with_code((subject, "{code}"));
        assert!(matches!(refused, Err(DeliveryError::Template { .. })), "{subject}");
    }
    for subject in ["", "two\nlines", "carriage\rreturn", &"x".repeat(151)] {
        let refused = EmailTemplate::new((subject, "{link}"), CODE);
        assert!(matches!(refused, Err(DeliveryError::TemplateText { .. })), "{subject}");
    }
}

#[test]
fn bodies_need_their_placeholder() {
    for (link, code) in [("{minutes}", "{code}"), ("{link}", "{minutes}")] {
        let refused = EmailTemplate::new(("Link", link), ("Code", code));
        assert!(matches!(refused, Err(DeliveryError::TemplateLacks(_))), "{link} {code}");
    }
    let template = EmailTemplate::new(("Link", "{link}"), CODE).unwrap();
    assert!(template.clone().with_code(("Code", "{code}")).is_ok());
    assert!(matches!(template.with_code(("Code", "{link}")), Err(DeliveryError::TemplateLacks("{code}"))));
    let long = "{link}".repeat(700);
    assert!(matches!(EmailTemplate::new(("Link", &long), CODE), Err(DeliveryError::TemplateText { max: 4_000 })));
}
