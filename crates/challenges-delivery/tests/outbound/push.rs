//! R22: Push messages, from the job to the push service and the browser.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::outbox::{Errand, Job, Message, Retry};
use challenges_core::{Courier as _, Owner, Timestamp};
use challenges_delivery::{Delivery, PushText, VapidKey, WebPush};
use challenges_testkit::FakeClock;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::host::{SECRET, challenge, client, id, link, perform, push, unwrap_failure};
use crate::server::{Answer, Seen, Server};

const NOW: u64 = 1_700_000_000;
const KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

fn web_push(server: &Server) -> WebPush {
    let subject = "mailto:push@example.com".parse().unwrap();
    WebPush::new(client(server), KEY.parse().unwrap(), subject).clock(FakeClock::at(Timestamp::from_seconds(NOW)))
}

pub(crate) fn delivery(server: &Server) -> Delivery {
    Delivery::new().web_push(web_push(server))
}

/// Returns the claims of a request's token, verified by an independent implementation.
fn claims(seen: &Seen) -> Value {
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let header = seen.header("authorization").unwrap();
    let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(key, KEY.parse::<VapidKey>().unwrap().public_key());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = VerifyingKey::from_sec1_bytes(&bytes(key)).unwrap();
    key.verify(signed.as_bytes(), &Signature::from_slice(&bytes(signature)).unwrap()).unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let head: Value = serde_json::from_slice(&bytes(head)).unwrap();
    assert_eq!(head, json!({ "typ": "JWT", "alg": "ES256" }));
    serde_json::from_slice(&bytes(claims)).unwrap()
}

/// R22: An independent implementation decrypts the payload.
#[tokio::test]
async fn browser_decrypts_the_payload() {
    let server = Server::start([Answer::Status(201)]).await;
    let browser = Browser::new();
    let to = browser.subscription(&server.url("/push/abc?x=1"));
    assert_eq!(perform(&delivery(&server), push(to)).await.unwrap(), Some(201));

    let [seen] = &server.seen()[..] else { panic!() };
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/push/abc?x=1"));
    assert_eq!(seen.header("content-encoding"), Some("aes128gcm"));
    assert_eq!(seen.header("content-type"), Some("application/octet-stream"));
    assert_eq!(seen.header("urgency"), Some("high"));
    assert_eq!(seen.header("ttl"), Some("599"), "599.999 seconds, rounded down");
    let topic = seen.header("topic").unwrap();
    assert_eq!(
        browser.decrypt(&seen.body),
        json!({
            "title": "Is this you?",
            "body": "https://shop.example.org asks for your confirmation. Open this within 9 minutes.",
            "url": format!("https://login.example.org/answer?challenge_answer={SECRET}"),
            "tag": topic,
        })
    );
}

/// R22: The VAPID token names the endpoint's origin and expires within a day.
#[tokio::test]
async fn token_is_for_endpoint_origin_and_short_lived() {
    let server = Server::start([]).await;
    perform(&delivery(&server), push(Browser::new().subscription(&server.url("/a/b")))).await.unwrap();
    let claims = claims(&server.seen()[0]);
    assert_eq!(claims["aud"], format!("https://hooks.example.test:{}", server.port()), "including the port");
    assert_eq!(claims["sub"], "mailto:push@example.com");
    assert_eq!(claims["exp"], NOW + 12 * 3_600);
    assert_eq!(claims.as_object().unwrap().len(), 3);
}

/// R22: Each send of a message has its own key and salt.
#[tokio::test]
async fn each_send_of_a_message_differs() {
    let server = Server::start([]).await;
    let browser = Browser::new();
    let delivery = delivery(&server);
    for _ in 0..2 {
        perform(&delivery, push(browser.subscription(&server.url("/")))).await.unwrap();
    }
    let [one, other] = &server.seen()[..] else { panic!() };
    assert_ne!(one.body[..16], other.body[..16], "salt");
    assert_ne!(one.body[21..86], other.body[21..86], "key");
    assert_eq!(browser.decrypt(&one.body), browser.decrypt(&other.body));
}

/// R22: The time to live of a message does not exceed that of its link.
#[tokio::test]
async fn ttl_never_exceeds_remaining_lifetime() {
    let server = Server::start([]).await;
    let delivery = delivery(&server);
    for (millis, ttl) in [(0, "0"), (999, "0"), (1_000, "1"), (1_999, "1"), (86_400_000, "86400")] {
        let Message::Link { link, origin, .. } = link() else { panic!() };
        let message = Message::Link { link, code: None, origin, remaining: Duration::from_millis(millis) };
        let to = Browser::new().subscription(&server.url("/"));
        perform(&delivery, Errand::Push { to, message }).await.unwrap();
        assert_eq!(server.seen().last().unwrap().header("ttl"), Some(ttl), "{millis}");
    }
}

/// Messages of one challenge share a topic that does not reveal the challenge id.
#[tokio::test]
async fn resend_replaces_the_first_message() {
    let server = Server::start([]).await;
    let delivery = delivery(&server);
    let mut topics = Vec::new();
    for challenge in [Some(challenge('1')), Some(challenge('1')), Some(challenge('2')), None] {
        let errand = push(Browser::new().subscription(&server.url("/")));
        delivery.perform(&Job::new(id(), Owner::user("alice").unwrap(), challenge, errand)).await.unwrap();
        topics.push(server.seen().last().unwrap().header("topic").map(str::to_owned));
    }
    assert_eq!(topics[0], topics[1]);
    assert_ne!(topics[0], topics[2]);
    assert_eq!(topics[3], None);
    let topic = topics[0].as_ref().unwrap();
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    assert!(!challenge('1').to_string().starts_with(&topic[..8]), "the push service must not learn the challenge id");
    assert!(topic.len() == 32 && topic.bytes().all(base64url), "{topic}");
}

/// R22: Status 404 or 410 ends a subscription; other statuses do not.
#[tokio::test]
async fn gone_subscription_is_deleted() {
    let cases = [
        (404, Retry::AddressGone),
        (410, Retry::AddressGone),
        (400, Retry::Never),
        (401, Retry::Never),
        (403, Retry::Never),
        (413, Retry::Never),
        (500, Retry::Later(None)),
        (503, Retry::Later(None)),
    ];
    for (status, then) in cases {
        let service = Server::start([Answer::Status(status)]).await;
        let to = Browser::new().subscription(&service.url("/"));
        let outcome = unwrap_failure(perform(&delivery(&service), push(to)).await);
        assert_eq!((outcome.0, outcome.1), (then, Some(status)), "{}", outcome.2);
    }
    let busy = Server::start([Answer::With(429, "retry-after", "17".into())]).await;
    let to = Browser::new().subscription(&busy.url("/"));
    let (then, status, _) = unwrap_failure(perform(&delivery(&busy), push(to)).await);
    assert_eq!((then, status), (Retry::Later(Some(Duration::from_secs(17))), Some(429)));
}

/// R22: A subscription of another VAPID key is deleted; a rejected signature is no reason to delete one. Until the service
/// has accepted a message, the key of the host may be wrong, and nothing is deleted.
#[tokio::test]
async fn subscription_of_another_key_is_deleted() {
    const FIREBASE: &str = "the VAPID credentials in the authorization header do not correspond to the credentials used \
        to create the subscriptions.\n";
    const SENDER: &str = "the key in the authorization header does not correspond to the sender ID used to subscribe \
        this user.\n";
    const MOZILLA: &str = r#"{"code":401,"errno":109,"error":"Unauthorized","message":"VAPID public key mismatch"}"#;
    const EXPIRED: &str =
        r#"{"code":401,"errno":109,"error":"Unauthorized","message":"Invalid bearer token: Auth expired"}"#;
    let cases = [
        (Answer::Body(403, FIREBASE), Retry::AddressGone, "do not correspond"),
        (Answer::Body(403, SENDER), Retry::AddressGone, "sender ID"),
        (Answer::Body(403, "MismatchSenderId"), Retry::AddressGone, "another VAPID key"),
        (Answer::Body(401, MOZILLA), Retry::AddressGone, "109, Unauthorized, VAPID public key mismatch"),
        (Answer::Body(403, r#"{"reason":"VapidPkHashMismatch"}"#), Retry::AddressGone, "VapidPkHashMismatch"),
        (Answer::Body(400, r#"{"reason":"VapidPkHashMismatch"}"#), Retry::AddressGone, "VapidPkHashMismatch"),
        (Answer::Body(401, EXPIRED), Retry::Never, "Auth expired"),
        (Answer::Body(403, r#"{"reason":"BadJwtToken"}"#), Retry::Never, "BadJwtToken"),
        (Answer::Body(400, r#"{"reason":"BadWebPushTopic"}"#), Retry::Never, "BadWebPushTopic"),
        (Answer::Body(500, MOZILLA), Retry::Later(None), "HTTP status 500"),
    ];
    for (answer, then, words) in cases {
        let service = Server::start([answer.clone(), Answer::Status(201), answer.clone()]).await;
        let delivery = delivery(&service);
        let send = async || perform(&delivery, push(Browser::new().subscription(&service.url("/")))).await;
        let unproven = unwrap_failure(send().await);
        let expected = if then == Retry::AddressGone { Retry::Never } else { then };
        assert_eq!(unproven.0, expected, "{answer:?}: {}", unproven.2);
        assert!(send().await.is_ok());
        let outcome = unwrap_failure(send().await);
        assert_eq!(outcome.0, then, "{answer:?}: {}", outcome.2);
        assert!(outcome.2.contains(words), "{}", outcome.2);
    }
}

/// Microsoft's push service limits rates by status 406, and reports discarded messages with any status.
#[tokio::test]
async fn microsoft_responses_are_understood() {
    const THROTTLED: (&str, &str) = ("x-wns-notificationstatus", "channelThrottled");
    const DROPPED: (&str, &str) = ("x-wns-status", "dropped");
    const CONFLICT: (&str, &str) = ("x-wns-error-description", "Ttl value conflicts with X-WNS-Cache-Policy.");
    let wait = Some(Duration::from_secs(30));
    let cases = [
        (Answer::With(406, "retry-after", "30".into()), Retry::Later(wait), "HTTP status 406"),
        (Answer::Full(406, THROTTLED, ""), Retry::Later(None), "channelThrottled"),
        (Answer::Status(406), Retry::Never, "HTTP status 406"),
        (Answer::Full(200, THROTTLED, ""), Retry::Later(None), "dropped the message"),
        (Answer::Full(201, DROPPED, ""), Retry::Never, "x-wns-status: dropped"),
        (Answer::Full(400, CONFLICT, ""), Retry::Never, "Ttl value conflicts with X-WNS-Cache-Policy."),
    ];
    for (answer, then, words) in cases {
        let service = Server::start([answer.clone()]).await;
        let to = Browser::new().subscription(&service.url("/"));
        let outcome = unwrap_failure(perform(&delivery(&service), push(to)).await);
        assert_eq!(outcome.0, then, "{answer:?}: {}", outcome.2);
        assert!(outcome.2.contains(words), "{}", outcome.2);
    }
    let received = Server::start([Answer::Full(201, ("x-wns-status", "received"), "")]).await;
    let to = Browser::new().subscription(&received.url("/"));
    assert_eq!(perform(&delivery(&received), push(to)).await.unwrap(), Some(201));
}

/// R22: A code is never sent by web push.
#[tokio::test]
async fn codes_are_not_pushed() {
    let server = Server::start([]).await;
    let message = Message::Confirmation { code: SECRET.into(), remaining: Duration::from_secs(60) };
    let to = Browser::new().subscription(&server.url("/"));
    let (then, _, words) = unwrap_failure(perform(&delivery(&server), Errand::Push { to, message }).await);
    assert_eq!((then, server.connections()), (Retry::Never, 0), "{words}");
}

#[tokio::test]
async fn host_chooses_the_text() {
    let server = Server::start([]).await;
    let text = PushText::new("Anmeldung", "Von {origin}; {minutes} Minuten").unwrap();
    let delivery = Delivery::new().web_push(web_push(&server).text(text));
    let browser = Browser::new();
    let message = Message::Link {
        link: "https://login.example.org:8443/?s=1".into(),
        code: None,
        origin: None,
        remaining: Duration::from_secs(120),
    };
    let to = browser.subscription(&server.url("/"));
    perform(&delivery, Errand::Push { to, message }).await.unwrap();
    let payload = browser.decrypt(&server.seen()[0].body);
    assert_eq!(
        (&payload["title"], &payload["body"]),
        (&json!("Anmeldung"), &json!("Von https://login.example.org:8443; 2 Minuten"))
    );
}
