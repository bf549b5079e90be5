//! R67: notices reach each channel without a link.

use std::time::Duration;

use challenges_core::outbox::{Errand, Job, Message, Notice, Retry};
use challenges_core::{Courier as _, Owner, Timestamp};
use challenges_delivery::{Delivery, JsonGateway, NoticeText, Sms};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::host::{client, id, perform, sms, unwrap_failure};
use crate::push::delivery;
use crate::server::{Seen, Server};

fn notice() -> Message {
    let at = Timestamp::from_seconds(784_111_777);
    Message::Notice { notice: Notice::RecoveryCodeUsed { left: 1 }, at, remaining: Duration::from_secs(3_600) }
}

const TEXT: &str =
    "A recovery code of your account was used, 1 left. Make new ones. If this was not you, check your account now.";

#[tokio::test]
async fn notice_by_text_message_is_the_text() {
    let server = Server::start([]).await;
    let gateway =
        || JsonGateway::new(client(&server), &server.url("/"), r#"{"to": "{to}", "text": "{text}"}"#).unwrap();
    let german = NoticeText::new(|job, _, _| (String::new(), format!("Konto von {} geändert", job.owner.user_id())));
    perform(&Delivery::new().sms(Sms::new(gateway())), sms(notice())).await.unwrap();
    perform(&Delivery::new().sms(Sms::new(gateway()).notices(german)), sms(notice())).await.unwrap();
    let text = |seen: &Seen| serde_json::from_slice::<Value>(&seen.body).unwrap()["text"].clone();
    let texts: Vec<_> = server.seen().iter().map(text).collect();
    assert_eq!(texts, [json!(TEXT), json!("Konto von alice geändert")]);
}

#[cfg(feature = "smtp")]
#[tokio::test]
async fn notice_by_email_has_subject_text_and_time() {
    let (server, delivery) = crate::email::tls([]).await;
    let errand = Errand::Email { to: "alice@example.org".parse().unwrap(), message: notice() };
    perform(&delivery, errand).await.unwrap();
    let [mail] = &server.mails()[..] else { panic!("one e-mail") };
    assert_eq!(mail.header("Subject"), Some("Your account was changed"));
    assert_eq!(mail.text(), format!("{TEXT}\r\n\r\nTime: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
}

/// A notice has no topic, so that no notice replaces another.
#[tokio::test]
async fn notice_by_push_has_no_url() {
    let server = Server::start([]).await;
    let browser = Browser::new();
    let errand = Errand::Push { to: browser.subscription(&server.url("/")), message: notice() };
    delivery(&server).perform(&Job::new(id(), Owner::user("alice").unwrap(), None, errand)).await.unwrap();
    let [seen] = &server.seen()[..] else { panic!("one message") };
    assert_eq!(browser.decrypt(&seen.body), json!({ "title": "Your account was changed", "body": TEXT }));
    assert_eq!((seen.header("topic"), seen.header("ttl")), (None, Some("3600")));
}

/// A notice for the host is not dropped silently.
#[tokio::test]
async fn notice_for_the_host_fails_for_good() {
    let errand = Errand::Notice { notice: Notice::Reset, at: Timestamp::default() };
    let (then, _, words) = unwrap_failure(perform(&Delivery::new(), errand).await);
    assert!(matches!(then, Retry::Never) && words.contains("Policy::notify_host"), "{words}");
}
