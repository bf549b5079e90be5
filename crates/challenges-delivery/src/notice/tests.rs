#![allow(clippy::unwrap_used)]

use challenges_core::endpoints::EmailAddress;
use challenges_core::outbox::{Errand, Job, Message, Notice};
use challenges_core::{OutboxId, Owner, Timestamp};
use challenges_testkit::notices;
use proptest::prelude::*;

use super::NoticeText;
use crate::sms::segments;

fn job(by_email: bool) -> Job {
    let message = Message::Confirmation { code: "123456".into(), remaining: std::time::Duration::ZERO };
    let errand = if by_email {
        Errand::Email { to: "alice@example.org".parse::<EmailAddress>().unwrap(), message }
    } else {
        Errand::Sms { to: "+4915112345678".parse().unwrap(), message }
    };
    let id: OutboxId = format!("{:0>40}", "1").parse().unwrap();
    Job::new(id, Owner::user("alice").unwrap(), None, errand)
}

/// R67: No text has a link to follow, an address, a name or a code.
#[test]
fn texts_have_no_link_and_no_secret() {
    let suspicious = |text: &str| {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let names = ["alice", "example.org", "4915112345678", "123456"];
        text.contains("://") || text.contains("www.") || digits > 2 || names.iter().any(|name| text.contains(name))
    };
    assert!(suspicious("Open https://example.com") && suspicious("123"), "the control");
    for notice in notices() {
        let (title, text) = NoticeText::default().of(&job(false), notice, Timestamp::from_seconds(0));
        assert!(!suspicious(&title) && !suspicious(&text), "{notice:?}: {title}: {text}");
    }
}

#[test]
fn texts_differ_and_fit_one_segment() {
    let text = |notice| NoticeText::english(&job(false), notice, Timestamp::default()).1;
    for notice in notices() {
        assert_eq!(segments(&text(notice)), 1, "{notice:?}: {}", text(notice));
        assert!(!text(notice).starts_with("The ways"), "{notice:?} has the text of unknown notices");
        assert!(!text(notice).contains("a way to sign in"), "{notice:?}");
    }
    assert_ne!(text(Notice::RecoveryCodeUsed { left: 3 }), text(Notice::RecoveryCodeUsed { left: 2 }));
}

#[test]
fn emails_end_with_the_time() {
    let (_, text) = NoticeText::english(&job(true), Notice::Reset, Timestamp::from_seconds(784_111_777));
    assert!(text.ends_with("\n\nTime: Sun, 06 Nov 1994 08:49:37 GMT"), "{text}");
}

proptest! {
    /// Extreme times do not panic, and titles are one line.
    #[test]
    fn titles_are_one_line(title in any::<String>(), millis: u64) {
        let _ = NoticeText::english(&job(true), Notice::Reset, Timestamp::from_millis(millis));
        let text = NoticeText::new(move |_, _, _| (title.clone(), String::new()));
        let (title, _) = text.of(&job(true), Notice::Reset, Timestamp::from_millis(millis));
        prop_assert!(!title.chars().any(char::is_control));
    }
}
