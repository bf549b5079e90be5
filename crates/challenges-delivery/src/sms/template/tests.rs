#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::SmsTemplate;
use crate::error::DeliveryError;
use crate::sms::segments;

#[test]
fn default_texts_fit_one_segment_without_link() {
    let template = SmsTemplate::default();
    assert_eq!(segments(&template.link(false).fill(|_| "")), 1);
    assert_eq!(segments(&template.link(true).fill(|_| "")), 1);
    assert_eq!(segments(&template.confirmation().fill(|_| "1234567890")), 1);
}

#[test]
fn malformed_or_incomplete_templates_are_rejected() {
    let (link, code) = ("{link}", "{code}");
    assert!(SmsTemplate::new("{origin}: {link} ({minutes})", "{code} ({minutes})").is_ok());
    for (of_link, of_code) in [("{minutes}", code), (link, "{minutes}"), ("{{link}}", code)] {
        assert!(
            matches!(SmsTemplate::new(of_link, of_code), Err(DeliveryError::TemplateLacks(_))),
            "{of_link} {of_code}"
        );
    }
    for (of_link, of_code) in [("{link} {code}", code), (link, "{code} {link}"), ("{link} {", code)] {
        assert!(
            matches!(SmsTemplate::new(of_link, of_code), Err(DeliveryError::Template { .. })),
            "{of_link} {of_code}"
        );
    }
    for text in ["", "{link}\r", "{link}\u{0}", &"{link}".repeat(100)] {
        assert!(matches!(SmsTemplate::new(text, code), Err(DeliveryError::TemplateText { .. })), "{text}");
    }
}

#[test]
fn template_of_codes_needs_the_code_only() {
    let template = || SmsTemplate::new("{link}", "{code}").unwrap();
    assert!(template().with_code("{code} {link} {origin} {minutes}").is_ok());
    assert!(template().with_code("{code}").is_ok());
    assert!(matches!(template().with_code("{link}"), Err(DeliveryError::TemplateLacks("{code}"))));
    assert!(matches!(template().with_code("{code} {to}"), Err(DeliveryError::Template { .. })));
    assert!(matches!(template().with_code(""), Err(DeliveryError::TemplateText { .. })));
}
