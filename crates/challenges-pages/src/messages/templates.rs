//! The templates of messages, from the texts of a language.

use challenges_delivery::{Delivery, DeliveryError, EmailTemplate, PushText, SmsTemplate};

use super::marks::without_marks;
use super::notice;
use crate::words::{CatalogueError, Words};

/// Fluent inserts placeholders of templates, so no secret passes through Fluent.
const ARGUMENTS: &[(&str, &str)] =
    &[("link", "{link}"), ("code", "{code}"), ("origin", "{origin}"), ("minutes", "{minutes}")];

/// Returns the delivery with the texts of a language.
pub(super) fn translate(delivery: Delivery, words: &Words) -> Result<Delivery, CatalogueError> {
    let text = |id| without_marks(&words.with(id, ARGUMENTS));
    let unsendable = |part| {
        let tag = words.language().to_owned();
        move |error: DeliveryError| CatalogueError::Unsendable { tag, part, reason: error.to_string() }
    };
    let sms = SmsTemplate::new(&text("message-sms-link"), &text("message-sms-confirmation"))
        .and_then(|template| template.with_code(&text("message-sms-code")))
        .map_err(unsendable("sms"))?;
    let subject = text("message-email-subject");
    let confirmation = (text("message-email-confirmation-subject"), text("message-email-confirmation"));
    let email = EmailTemplate::new((&subject, &text("message-email-link")), (&confirmation.0, &confirmation.1))
        .and_then(|template| template.with_code((&subject, &text("message-email-code"))))
        .map_err(unsendable("email"))?;
    let push = PushText::new(&text("message-push-title"), &text("message-push-body")).map_err(unsendable("push"))?;
    Ok(delivery.texts(sms, email, push, &notice::text(words)))
}
