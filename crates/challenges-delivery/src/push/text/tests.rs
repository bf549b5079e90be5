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
fn values_cannot_break_out_of_the_payload() {
    let text = PushText::new("\"{minutes}\"", "\\{origin}\n").unwrap();
    assert_eq!(
        payload(&text, "https://example.org/?a=\"}").unwrap(),
        json!({ "title": "\"9\"", "body": "\\https://example.org\n", "url": "https://example.org/?a=\"}", "tag": "t" })
    );
}

#[test]
fn oversized_payload_is_rejected() {
    let link = format!("https://example.org/{}", "x".repeat(3_993));
    assert!(matches!(payload(&PushText::default(), &link), Err(DeliveryError::TooLong { .. })));
}

/// R22: The title and body of a push message have no placeholder for the link or code.
#[test]
fn displayed_text_cannot_contain_the_link() {
    for text in ["{link}", "{code}", "{url}"] {
        assert!(matches!(PushText::new(text, "x"), Err(DeliveryError::Template { .. })), "{text}");
        assert!(matches!(PushText::new("x", text), Err(DeliveryError::Template { .. })), "{text}");
    }
}
