//! R53: Which responses are retried, and what stays the same between attempts.

use std::time::{Duration, SystemTime};

use challenges_core::Courier as _;
use challenges_core::outbox::{Message, Retry};
use challenges_delivery::{Delivery, HttpActions, JsonGateway, Sms};

use crate::browser::Browser;
use crate::host::{ID, act, actions, client, job, link, perform, push, sms, unwrap_failure};
use crate::server::{Answer, Server};

/// R53: A first attempt is retried after status 408, 425, 429 or 5xx, and after no other.
#[tokio::test]
async fn only_transient_failures_are_retried() {
    for status in [200, 201, 202, 204, 206] {
        let server = Server::start([Answer::Status(status)]).await;
        let done = perform(&actions(client(&server)), act(&server.url("/"))).await.unwrap();
        assert_eq!(done, Some(status));
    }
    let never = [300, 304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 418, 422, 451];
    let later = [408, 425, 429, 500, 501, 502, 503, 504, 599];
    let cases = never.map(|it| (it, Retry::Never)).into_iter().chain(later.map(|it| (it, Retry::Later(None))));
    for (status, then) in cases {
        let server = Server::start([Answer::Status(status)]).await;
        let outcome = unwrap_failure(perform(&actions(client(&server)), act(&server.url("/"))).await);
        assert_eq!((outcome.0, outcome.1), (then, Some(status)), "{}", outcome.2);
        assert_eq!(server.seen().len(), 1, "one attempt is one request");
    }
}

/// R53: `Retry-After` sets the pause, up to one day.
#[tokio::test]
async fn retry_after_is_honored() {
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
    for (value, at_least, at_most) in
        [("120", 120, 120), (in_an_hour.as_str(), 3_000, 3_600), ("99999999", 86_400, 86_400), ("0", 0, 0)]
    {
        for status in [429, 503] {
            let server = Server::start([Answer::With(status, "retry-after", value.to_owned())]).await;
            let (then, ..) = unwrap_failure(perform(&actions(client(&server)), act(&server.url("/"))).await);
            let Retry::Later(Some(wait)) = then else { panic!("{value}: {then:?}") };
            assert!((at_least..=at_most).contains(&wait.as_secs()), "{value}: {wait:?}");
        }
    }
    let server = Server::start([Answer::With(400, "retry-after", "1".into())]).await;
    let (then, ..) = unwrap_failure(perform(&actions(client(&server)), act(&server.url("/"))).await);
    assert_eq!(then, Retry::Never);
}

/// R53: After a lost response, the next attempt has the same idempotency key.
///
/// No attempt makes two requests, neither on a new connection nor on a reused one.
#[tokio::test]
async fn lost_response_is_retried_under_the_same_key() {
    let server = Server::start([Answer::Drop, Answer::Status(200), Answer::Drop, Answer::Status(200)]).await;
    let delivery = actions(client(&server));
    for _ in 0..2 {
        let (then, status, words) = unwrap_failure(perform(&delivery, act(&server.url("/"))).await);
        assert_eq!((then, status), (Retry::Later(None), None), "{words}");
        perform(&delivery, act(&server.url("/"))).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|request| request.header("idempotency-key") == seen[0].header("idempotency-key")));
    assert!(seen[0].header("idempotency-key").is_some());
}

/// R53: Status 409 to a repeated idempotency key means that an earlier attempt is in progress.
#[tokio::test]
async fn conflict_with_earlier_attempt_is_retried() {
    for attempt in 1..=3 {
        let answers = [Answer::Status(409), Answer::Status(409), Answer::With(409, "retry-after", "5".into())];
        let server = Server::start(answers).await;
        let gateway = JsonGateway::new(client(&server), &server.url("/"), r#"["{to}","{text}"]"#).unwrap();
        let delivery = actions(client(&server)).sms(Sms::new(gateway));
        let repeated = attempt > 1;
        let expected = |wait| if repeated { Retry::Later(wait) } else { Retry::Never };
        let five = Some(Duration::from_secs(5));
        for (errand, wait) in [(act(&server.url("/")), None), (sms(link()), None), (sms(link()), five)] {
            let mut job = job(errand);
            job.attempt = attempt;
            let (then, status, words) = unwrap_failure(delivery.perform(&job).await);
            assert_eq!((then, status), (expected(wait), Some(409)), "attempt {attempt}: {words}");
        }
    }
}

#[tokio::test]
async fn idempotency_key_is_quoted_by_default() {
    let server = Server::start([]).await;
    let gateway = || JsonGateway::new(client(&server), &server.url("/"), r#"["{to}","{text}"]"#).unwrap();
    let quoted = actions(client(&server)).sms(Sms::new(gateway()));
    let unquoted = Delivery::new()
        .actions(HttpActions::new(client(&server)).unquoted_idempotency_key())
        .sms(Sms::new(gateway().unquoted_idempotency_key()));
    for (delivery, key) in [(quoted, format!("\"{ID}\"")), (unquoted, ID.to_owned())] {
        for errand in [act(&server.url("/")), sms(link())] {
            perform(&delivery, errand).await.unwrap();
            assert_eq!(server.seen().last().unwrap().header("idempotency-key"), Some(key.as_str()));
        }
    }
}

#[tokio::test]
async fn missing_part_fails_permanently() {
    let code = Message::Confirmation { code: "123456".into(), remaining: Duration::from_secs(60) };
    let subscription = Browser::new().subscription("https://push.example.test/");
    for (errand, words) in [
        (push(subscription), "no part for web push"),
        (sms(link()), "no part for text messages"),
        (sms(code), "no part for text messages"),
        (act("https://hooks.example.test/"), "no part for HTTP actions"),
    ] {
        let (then, _, reason) = unwrap_failure(perform(&Delivery::new(), errand).await);
        assert_eq!(then, Retry::Never);
        assert!(reason.contains(words), "{reason}");
    }
}
