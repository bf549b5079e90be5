//! What an answer means for an action, and what is the same when it is tried again.

use std::time::{Duration, SystemTime};

use challenges_core::{Message, Receipt, Retry};
use challenges_delivery::Delivery;

use crate::browser::Browser;
use crate::host::{act, actions, client, link, perform, push, sms, told};
use crate::server::{Answer, Server};

#[tokio::test]
async fn r53_what_may_pass_is_tried_again_and_nothing_else() {
    for status in [200, 201, 202, 204, 206] {
        let server = Server::start([Answer::Status(status)]).await;
        let done = perform(&actions(client(&server)), act(&server.url("/"))).await.unwrap();
        assert_eq!(done, Receipt::of_status(status));
    }
    let never = [300, 304, 400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 451];
    let later = [408, 425, 429, 500, 501, 502, 503, 504, 599];
    let cases = never.map(|it| (it, Retry::Never)).into_iter().chain(later.map(|it| (it, Retry::Later(None))));
    for (status, then) in cases {
        let server = Server::start([Answer::Status(status)]).await;
        let outcome = told(perform(&actions(client(&server)), act(&server.url("/"))).await);
        assert_eq!((outcome.0, outcome.1), (then, Some(status)), "{}", outcome.2);
        assert_eq!(server.seen().len(), 1, "one attempt is one request");
    }
}

#[tokio::test]
async fn r53_the_other_side_says_how_long_to_wait() {
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
    for (value, at_least, at_most) in
        [("120", 120, 120), (in_an_hour.as_str(), 3_000, 3_600), ("99999999", 86_400, 86_400), ("0", 0, 0)]
    {
        for status in [429, 503] {
            let server = Server::start([Answer::With(status, "retry-after", value.to_owned())]).await;
            let (then, ..) = told(perform(&actions(client(&server)), act(&server.url("/"))).await);
            let Retry::Later(Some(wait)) = then else { panic!("{value}: {then:?}") };
            assert!((at_least..=at_most).contains(&wait.as_secs()), "{value}: {wait:?}");
        }
    }
    let server = Server::start([Answer::With(400, "retry-after", "1".into())]).await;
    let (then, ..) = told(perform(&actions(client(&server)), act(&server.url("/"))).await);
    assert_eq!(then, Retry::Never);
}

/// R53: the effect is there and its answer is lost: the next attempt has the same key, and no attempt makes two requests, on
/// a new connection or on one that was used before.
#[tokio::test]
async fn r53_a_lost_answer_is_asked_for_again_under_the_same_key() {
    let server = Server::start([Answer::Drop, Answer::Status(200), Answer::Drop, Answer::Status(200)]).await;
    let delivery = actions(client(&server));
    for _ in 0..2 {
        let (then, status, words) = told(perform(&delivery, act(&server.url("/"))).await);
        assert_eq!((then, status), (Retry::Later(None), None), "{words}");
        perform(&delivery, act(&server.url("/"))).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|request| request.header("idempotency-key") == seen[0].header("idempotency-key")));
    assert!(seen[0].header("idempotency-key").is_some());
}

#[tokio::test]
async fn what_is_not_set_up_fails_for_good_and_says_so() {
    let code = Message::Confirmation { code: "123456".into(), remaining: Duration::from_secs(60) };
    let subscription = Browser::new().subscription("https://push.example.test/");
    for (errand, words) in [
        (push(subscription), "no part for web push"),
        (sms(link()), "no part for text messages"),
        (sms(code), "no part for text messages"),
        (act("https://hooks.example.test/"), "no part for HTTP actions"),
    ] {
        let (then, _, reason) = told(perform(&Delivery::new(), errand).await);
        assert_eq!(then, Retry::Never);
        assert!(reason.contains(words), "{reason}");
    }
}
