//! R26: Printing or logging an outcome reveals no secret.

use std::fmt::{Debug, Write as _};

use challenges_core::Secret;
use challenges_core::approvals::HttpAction;
use challenges_core::outbox::Failure;
use challenges_delivery::{
    Delivery, HttpActions, JsonGateway, Request, Sms, Twilio, TwilioAuth, TwilioSender, VapidKey, WebPush,
};
use http::Method;
use http::header::AUTHORIZATION;

use crate::browser::Browser;
use crate::host::{NUMBER, SECRET, action, client, job, link, perform, push, sms};
use crate::log_capture::log;
use crate::server::{Answer, Server};

const TELLTALE: &str = "TELLTALE";
/// A body that repeats the secrets of the request.
const ECHO: &str = concat!(
    r#"{"message":"cannot send CANARYsecretCANARY1234 or https://login.example.org/TELLTALEpath to +15550100999 "#,
    r#"(1 555 010 0999), TELLTALE@example.org","token":"TELLTALE"}"#
);

#[derive(Debug)]
struct Issuer;

#[async_trait::async_trait]
impl challenges_delivery::TokenIssuer for Issuer {
    async fn issue(&self, _: &challenges_delivery::TokenRequest<'_>) -> Result<Secret, Failure> {
        Ok("TELLTALEtoken".into())
    }
}

fn assert_secret_free(text: &str) {
    assert!(!text.contains(TELLTALE) && !text.contains(SECRET) && !text.contains(NUMBER), "{text}");
}

/// Returns every printed form of an outcome, including the sources of an error.
fn printed(outcome: &Result<Option<u16>, Failure>) -> String {
    let mut text = format!("{outcome:?}");
    if let Err(failure) = outcome {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&*failure.reason);
        while let Some(error) = source {
            write!(text, " {error} {error:?}").unwrap();
            source = error.source();
        }
    }
    text
}

fn delivery(server: &Server) -> (Delivery, Vec<Box<dyn Debug>>) {
    let subject = "mailto:push@example.com".parse().unwrap();
    let web_push = WebPush::new(client(server), VapidKey::generate().unwrap(), subject);
    let url = server.url("/sms?key=TELLTALEkey");
    let gateway = JsonGateway::new(client(server), &url, r#"["{to}","{text}"]"#).unwrap();
    let gateway = gateway.header("authorization", "TELLTALEheader").unwrap();
    let auth = TwilioAuth::Token("TELLTALEauth".into());
    let sender = TwilioSender::From("x".into());
    let twilio = Twilio::at(&server.url(""), client(server), "AC1", &auth, sender).unwrap();
    let request =
        Request::new(Method::POST, "https://example.org/?TELLTALE").header(AUTHORIZATION, "TELLTALE").unwrap();
    let actions = HttpActions::new(client(server)).token_issuer(Issuer);
    let things: Vec<Box<dyn Debug>> =
        vec![Box::new(gateway.clone()), Box::new(twilio), Box::new(auth), Box::new(request.body("TELLTALE"))];
    (Delivery::new().web_push(web_push).sms(Sms::new(gateway)).actions(actions), things)
}

/// R26: Neither an outcome nor the log of an attempt contains a secret.
#[tokio::test]
async fn outcomes_print_and_log_no_secret() {
    let log = log();
    let answers = [
        Answer::Body(200, "TELLTALEbody"),
        Answer::Body(400, "TELLTALEbody"),
        Answer::Body(503, "TELLTALEbody"),
        Answer::Body(400, ECHO),
        Answer::Full(403, ("x-wns-error-description", "no message to +15550100999 now"), ECHO),
        Answer::With(302, "location", "https://example.org/?TELLTALElocation".into()),
        Answer::HugeHead,
        Answer::Drop,
    ];
    let number_of_answers = answers.len();
    let server = Server::start(std::iter::repeat_n(answers, 3).flatten()).await;
    let (delivery, things) = delivery(&server);
    assert_secret_free(&format!("{delivery:?} {things:?}"));

    let act = || {
        let request = HttpAction::new("POST", server.url("/TELLTALEpath?TELLTALEquery")).unwrap();
        action(request.with_body("TELLTALEbody").unwrap().with_scopes(["door:open"]).unwrap())
    };
    let to = || push(Browser::new().subscription(&server.url("/TELLTALEendpoint")));
    for _ in 0..number_of_answers {
        for errand in [act(), to(), sms(link())] {
            assert_secret_free(&format!("{:?}", job(sms(link()))));
            assert_secret_free(&printed(&perform(&delivery, errand).await));
        }
    }
    assert_eq!(server.seen().len(), 3 * number_of_answers);
    assert!(server.seen().iter().any(|seen| seen.header("authorization") == Some("Bearer TELLTALEtoken")));
    assert_secret_free(&log.text());
    assert!(log.text().contains("hyper"), "hyper logs at this level");

    // Negative control: a logged secret is found.
    tracing::trace!("{TELLTALE}");
    assert!(log.text().contains(TELLTALE));
}
