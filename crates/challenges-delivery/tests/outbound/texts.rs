//! Texts in another language.

use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::outbox::{Errand, Message, Notice};
use challenges_delivery::{EmailTemplate, JsonGateway, NoticeText, PushText, Sms, SmsTemplate};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::host::{client, link, perform, sms};
use crate::push::delivery;
use crate::server::Server;

#[tokio::test]
async fn texts_replace_those_of_every_part() {
    let server = Server::start([]).await;
    let gateway = JsonGateway::new(client(&server), &server.url("/"), r#"{"to": "{to}", "text": "{text}"}"#).unwrap();
    let delivery = delivery(&server).sms(Sms::new(gateway)).texts(
        SmsTemplate::new("In {minutes} Minuten: {link}", "{code}").unwrap(),
        EmailTemplate::new(("Frage", "{link}"), ("Code", "{code}")).unwrap(),
        PushText::new("Sind Sie das?", "In {minutes} Minuten").unwrap(),
        &NoticeText::new(|_, _, _| ("Konto".to_owned(), "Geändert".to_owned())),
    );
    let browser = Browser::new();
    let notice =
        || Message::Notice { notice: Notice::Reset, at: Timestamp::default(), remaining: Duration::from_secs(600) };
    for message in [link as fn() -> Message, notice] {
        perform(&delivery, sms(message())).await.unwrap();
        perform(&delivery, Errand::Push { to: browser.subscription(&server.url("/")), message: message() })
            .await
            .unwrap();
    }
    let [link_by_sms, link_by_push, notice_by_sms, notice_by_push] = &server.seen()[..] else { panic!("4 messages") };
    let sms = [link_by_sms, notice_by_sms].map(|seen| serde_json::from_slice::<Value>(&seen.body).unwrap());
    let sms = sms.map(|sms| sms["text"].as_str().unwrap().to_owned());
    assert!(sms[0].starts_with("In 9 Minuten: https://login.example.org/"), "{}", sms[0]);
    assert_eq!(sms[1], "Geändert");
    let push = [link_by_push, notice_by_push].map(|seen| browser.decrypt(&seen.body));
    assert_eq!((&push[0]["title"], &push[0]["body"]), (&json!("Sind Sie das?"), &json!("In 9 Minuten")));
    assert_eq!(push[1], json!({ "title": "Konto", "body": "Geändert" }));
}
