//! The texts come from the catalogue.

use std::collections::BTreeSet;

use challenges_core::outbox::{Errand, Message};
use challenges_pages::Catalogue;
use challenges_testkit::notices;

use crate::host::{CODE, LANGUAGES, Received, errands, link, message};
use crate::pseudo;

/// A message has no words but those of the catalogue, the link, the code and the origin.
#[tokio::test]
async fn no_message_has_words_outside_the_catalogue() {
    let received = Received::default();
    let courier = received.translated(&pseudo::catalogue(), pseudo::LANGUAGE);
    for (errand, twin) in errands().into_iter().zip(errands()) {
        let (subject, text) = received.by(&courier, "alice", errand).await;
        let text = text.replace(&format!("\n\n@app.example #{CODE}"), "");
        assert!(text.starts_with('⟦') && text.ends_with('⟧'), "{twin:?}: {text}");
        for text in [subject, text] {
            assert!(!pseudo::has_letters_outside_marks(&text), "{twin:?}: {text}");
        }
    }
}

/// The default texts of `challenges-delivery` and the English texts of the catalogue are the same, except for the form of
/// times.
#[tokio::test]
async fn english_equals_the_default_texts() {
    let received = Received::default();
    let translated = received.translated(&Catalogue::default(), "en");
    for (errand, twin) in errands().into_iter().zip(errands()) {
        let of_catalogue = received.by(&translated, "alice", errand).await;
        let default = received.by(&received.delivery(), "alice", twin).await;
        let without_time = |text: &str| text.split("\n\nTime: ").next().unwrap().to_owned();
        assert_eq!((of_catalogue.0, without_time(&of_catalogue.1)), (default.0, without_time(&default.1)));
    }
}

#[tokio::test]
async fn languages_differ_from_english_in_every_message() {
    let received = Received::default();
    let english = received.translated(&Catalogue::default(), "en");
    for language in LANGUAGES.into_iter().skip(1) {
        let courier = received.translated(&Catalogue::default(), language);
        for (errand, twin) in errands().into_iter().zip(errands()) {
            let translated = received.by(&courier, "alice", errand).await;
            let (subject, text) = received.by(&english, "alice", twin).await;
            assert!(translated.1 != text && (subject.is_empty() || translated.0 != subject), "{language}: {text}");
        }
    }
}

/// No notice has the text of an unknown notice, and no two notices of different changes read the same.
#[tokio::test]
async fn every_notice_has_its_own_text() {
    let received = Received::default();
    for language in LANGUAGES {
        let courier = received.translated(&Catalogue::default(), language);
        let words = Catalogue::default().negotiate(language);
        let unknown = [words.text("message-changed"), words.text("message-what-other")];
        let mut texts = BTreeSet::new();
        for errand in errands() {
            let is_notice = matches!((&errand, message(&errand)), (Errand::Sms { .. }, Message::Notice { .. }));
            if is_notice {
                let (_, text) = received.by(&courier, "alice", errand).await;
                assert!(unknown.iter().all(|unknown| !text.contains(unknown)), "{language}: {text}");
                texts.insert(text);
            }
        }
        // Codes of an app are guessed at two places, and those of text messages too.
        assert_eq!(texts.len(), notices().len() - 2, "{language}: {texts:#?}");
    }
}

#[tokio::test]
async fn notices_by_email_end_with_the_time() {
    let received = Received::default();
    let courier = received.translated(&Catalogue::default(), "de");
    for errand in errands() {
        let is_notice = matches!(message(&errand), Message::Notice { .. });
        let is_email = matches!(errand, Errand::Email { .. });
        let (_, text) = received.by(&courier, "alice", errand).await;
        assert_eq!(text.ends_with("\n\nZeit: 1994-11-06 08:49 UTC"), is_notice && is_email, "{text}");
    }
}

#[tokio::test]
async fn values_are_filled_into_every_text() {
    let received = Received::default();
    for language in LANGUAGES {
        let courier = received.translated(&Catalogue::default(), language);
        for errand in errands() {
            let is_link = matches!(message(&errand), Message::Link { .. });
            let is_timed = !matches!(message(&errand), Message::Notice { .. });
            let (_, text) = received.by(&courier, "alice", errand).await;
            let rest = text.replace(&link(), "").replace(CODE, "");
            assert!(!is_timed || rest.contains("10"), "{language}: minutes in {text}");
            assert!(!is_link || text.contains("https://app.example"), "{language}: {text}");
        }
    }
}
