#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use serde_json::{Value, json};

use super::PushText;
use crate::error::DeliveryError;

fn payload(text: &PushText, link: &str) -> Result<Value, DeliveryError> {
    let bytes = text.payload(&link.into(), None, Duration::from_secs(599), Some("t"))?;
    Ok(serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn values_cannot_leave_their_place_in_the_payload() {
    let text = PushText::new("\"{minutes}\"", "\\{origin}\n").unwrap();
    assert_eq!(
        payload(&text, "https://example.org/?a=\"}").unwrap(),
        json!({ "title": "\"9\"", "body": "\\https://example.org\n", "url": "https://example.org/?a=\"}", "tag": "t" })
    );
}

#[test]
fn what_does_not_fit_is_not_cut() {
    let link = format!("https://example.org/{}", "x".repeat(3_993));
    assert!(matches!(payload(&PushText::default(), &link), Err(DeliveryError::TooLong { .. })));
}

#[test]
fn r22_a_link_has_no_place_in_what_is_shown() {
    for text in ["{link}", "{code}", "{url}"] {
        assert!(matches!(PushText::new(text, "x"), Err(DeliveryError::Template { .. })), "{text}");
        assert!(matches!(PushText::new("x", text), Err(DeliveryError::Template { .. })), "{text}");
    }
}
