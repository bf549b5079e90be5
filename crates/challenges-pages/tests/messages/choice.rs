//! The choice of the language.

use std::future::pending;

use challenges_core::Courier as _;
use challenges_core::outbox::{Errand, Notice};
use challenges_core::{Owner, Timestamp};
use challenges_pages::{Catalogue, CatalogueError, TranslatedDelivery};

use crate::host::{CODE, Received, confirmation, job, sms};

/// The host's table of users.
async fn language_of(owner: Owner) -> String {
    match owner.user_id() {
        "hans" => "de",
        "jo" => "pt-BR",
        "yuki" => "fr;q=0.3, ja;q=0.9",
        "nils" => "sv",
        _ => "",
    }
    .to_owned()
}

async fn unasked(_: Owner) -> String {
    panic!("asked")
}

/// Returns the text in a language.
fn text_in(language: &str) -> String {
    let words = Catalogue::default().negotiate(language);
    words.with("message-sms-confirmation", &[("code", CODE), ("minutes", "10")])
}

#[tokio::test]
async fn each_user_gets_their_language() {
    let received = Received::default();
    let courier = TranslatedDelivery::new(received.delivery(), &Catalogue::default(), language_of).unwrap();
    for (user, language) in [("hans", "de"), ("jo", "pt"), ("yuki", "ja"), ("nils", "en"), ("ann", "en")] {
        let (_, text) = received.by(&courier, user, sms(confirmation())).await;
        assert_eq!(text, text_in(language), "{user}");
    }
}

#[tokio::test]
async fn offered_languages_and_texts_of_the_host_count() {
    let received = Received::default();
    let catalogue = Catalogue::default().offer(&["fr", "en"]).unwrap();
    let catalogue = catalogue.add("nl", "message-sms-confirmation = { $code } is uw code").unwrap();
    for (language, text) in [("de", text_in("fr")), ("en", text_in("en")), ("nl-BE", format!("{CODE} is uw code"))] {
        let courier = received.translated(&catalogue, language);
        assert_eq!(received.by(&courier, "ann", sms(confirmation())).await.1, text, "{language}");
    }
}

/// A slow table of users holds up no code.
#[tokio::test(start_paused = true)]
async fn unknown_language_in_time_is_the_default() {
    let received = Received::default();
    let courier = TranslatedDelivery::new(received.delivery(), &Catalogue::default(), |_| pending()).unwrap();
    assert_eq!(received.by(&courier, "ann", sms(confirmation())).await.1, text_in("en"));
}

#[tokio::test]
async fn other_jobs_ask_for_no_language() {
    let delivery = Received::default().delivery();
    let courier = TranslatedDelivery::new(delivery, &Catalogue::default(), unasked).unwrap();
    let notice = Errand::Notice { notice: Notice::Reset, at: Timestamp::default() };
    let failure = courier.perform(&job("ann", notice)).await.unwrap_err();
    assert!(failure.to_string().contains("Policy::notify_host"), "{failure}");
}

/// R22: texts of the host without link or code, or with a secret that locked screens show, are found at the start.
#[test]
fn unsendable_texts_are_errors() {
    for (text, expected) in [
        ("message-sms-link = Geheim", "sms"),
        ("message-sms-confirmation = Geheim", "sms"),
        ("message-sms-code = { $link }", "sms"),
        ("message-email-link = Geheim", "email"),
        ("message-email-subject = { $link }", "email"),
        ("message-email-confirmation-subject = { $code }", "email"),
        ("message-push-title = { $code }", "push"),
        ("message-push-body = { $link }", "push"),
    ] {
        let catalogue = Catalogue::default().add("de", text).unwrap();
        let delivery = Received::default().delivery();
        let error = TranslatedDelivery::new(delivery, &catalogue, language_of).unwrap_err();
        let CatalogueError::Unsendable { tag, part, reason } = &error else { panic!("{error}") };
        assert_eq!((tag.as_str(), *part), ("de", expected), "{text}: {reason}");
    }
}
