//! Text messages, as gateways receive them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges_core::Courier as _;
use challenges_core::outbox::{Failure, Message, Retry};
use challenges_delivery::{
    Blocked, Delivery, DeliveryError, Guard, JsonGateway, Sms, SmsGateway, SmsTemplate, TextMessage, Twilio,
    TwilioAuth, TwilioSender,
};
use serde_json::{Value, json};

use crate::host::{ID, NUMBER, SECRET, builder, client, job, link, perform, sms, unwrap_failure};
use crate::server::{Answer, Server};

const TEXT: &str = "Is this you? To confirm, open https://login.example.org/answer?challenge_answer=CANARYsecretCANARY1234 \
    within 9 min. If not, ignore this.";

fn twilio(server: &Server, sender: TwilioSender) -> Twilio {
    let auth = TwilioAuth::ApiKey { sid: "SK2".into(), secret: "pass:word".into() };
    Twilio::at(&server.url(""), client(server), "AC1", &auth, sender).unwrap()
}

fn from() -> TwilioSender {
    TwilioSender::From("+15550100000".into())
}

#[tokio::test]
async fn twilio_receives_the_form() {
    let server = Server::start([Answer::Body(201, r#"{"sid":"SM1"}"#), Answer::Status(201)]).await;
    let delivery = Delivery::new().sms(Sms::new(twilio(&server, from())));
    assert_eq!(perform(&delivery, sms(link())).await.unwrap(), Some(201));
    let service = TwilioSender::MessagingService("MG3".into());
    perform(&Delivery::new().sms(Sms::new(twilio(&server, service))), sms(link())).await.unwrap();

    let [first, second] = &server.seen()[..] else { panic!() };
    assert_eq!((first.method.as_str(), first.target.as_str()), ("POST", "/2010-04-01/Accounts/AC1/Messages.json"));
    assert_eq!(first.header("content-type"), Some("application/x-www-form-urlencoded"));
    let basic = format!("Basic {}", BASE64_STANDARD.encode("SK2:pass:word"));
    assert_eq!(first.header("authorization"), Some(basic.as_str()));
    let form = |body: &[u8]| url::form_urlencoded::parse(body).into_owned().collect::<BTreeMap<_, _>>();
    let expected = |sender: (&str, &str)| {
        [("To", NUMBER), ("Body", TEXT), ("ValidityPeriod", "599"), sender]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    };
    assert_eq!(form(&first.body), expected(("From", "+15550100000")));
    assert_eq!(form(&second.body), expected(("MessagingServiceSid", "MG3")));
}

#[tokio::test]
async fn twilio_error_codes_decide_the_outcome() {
    let refusal = r#"{"code":21211,"message":"The 'To' number +15550100999 is not valid","status":400}"#;
    let server = Server::start([
        Answer::Body(400, refusal),
        Answer::Body(401, r#"{"code":20003}"#),
        Answer::Body(404, "no JSON"),
        Answer::Body(400, r#"{"code":21610,"message":"Attempt to send to unsubscribed recipient"}"#),
        Answer::Body(400, r#"{"code":21614}"#),
        Answer::Body(400, r#"{"code":21606}"#),
        Answer::Body(400, r#"{"code":21611}"#),
        Answer::Body(429, r#"{"code":20429}"#),
        Answer::Status(503),
        Answer::Drop,
    ])
    .await;
    let delivery = Delivery::new().sms(Sms::new(twilio(&server, from())));
    let cases = [
        (Retry::AddressGone, Some(400), "21211"),
        (Retry::Never, Some(401), "20003"),
        (Retry::Never, Some(404), "HTTP status 404"),
        (Retry::AddressGone, Some(400), "unsubscribed recipient"),
        (Retry::AddressGone, Some(400), "21614"),
        (Retry::Never, Some(400), "21606"),
        (Retry::Later(None), Some(400), "21611"),
        (Retry::Later(None), Some(429), "HTTP status 429"),
        (Retry::Later(None), Some(503), "HTTP status 503"),
        (Retry::Later(None), None, "connection"),
    ];
    for (then, status, word) in cases {
        let outcome = unwrap_failure(perform(&delivery, sms(link())).await);
        assert_eq!((outcome.0, outcome.1), (then, status));
        assert!(outcome.2.contains(word) && !outcome.2.contains(NUMBER), "{}", outcome.2);
    }
}

#[tokio::test]
async fn malformed_twilio_identifiers_are_rejected() {
    let server = Server::start([]).await;
    let token = TwilioAuth::Token("x".into());
    let make = |account: &str, auth, sender| Twilio::at(&server.url(""), client(&server), account, auth, sender);
    assert!(make("AC1", &token, from()).is_ok());
    for account in ["", "A", "AC/../x", "AC1?x", "AC1#", &"A".repeat(65)] {
        assert!(matches!(make(account, &token, from()), Err(DeliveryError::TwilioId)), "{account}");
    }
    for sender in [TwilioSender::From(String::new()), TwilioSender::MessagingService("MG/".into())] {
        assert!(matches!(make("AC1", &token, sender), Err(DeliveryError::TwilioId)));
    }
    let key = TwilioAuth::ApiKey { sid: "SK:1".into(), secret: "x".into() };
    assert!(matches!(make("AC1", &key, from()), Err(DeliveryError::TwilioId)));
}

#[tokio::test]
async fn guard_must_allow_twilio() {
    let token = TwilioAuth::Token("x".into());
    let listed = |host| builder(Guard::only_hosts([host]).unwrap()).build().unwrap();
    assert!(Twilio::new(listed(Twilio::HOST), "AC1", &token, from()).is_ok());
    let refused = Twilio::new(listed("example.test"), "AC1", &token, from());
    assert!(matches!(refused, Err(DeliveryError::Blocked(Blocked::Host))));
}

#[tokio::test]
async fn json_gateway_receives_the_filled_document() {
    let server = Server::start([]).await;
    let document =
        r#"{"api": 2, "messages": [{"to": "tel:{to}", "content": "{text}", "ref": "{id}-{{x}}"}], "dry": false}"#;
    let gateway = JsonGateway::new(client(&server), &server.url("/send?key=1"), document).unwrap();
    let gateway = gateway.header("X-Api-Key", "CANARYkey").unwrap();
    let template = SmsTemplate::new("\"}}],{link}\n{minutes}", "\\{code}\\").unwrap();
    let delivery = Delivery::new().sms(Sms::new(gateway).template(template));
    perform(&delivery, sms(link())).await.unwrap();
    let code = Message::Confirmation { code: "123456".into(), remaining: Duration::from_secs(60) };
    perform(&delivery, sms(code)).await.unwrap();

    let [first, second] = &server.seen()[..] else { panic!() };
    assert_eq!(first.target, "/send?key=1");
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("x-api-key"), Some("CANARYkey"));
    assert_eq!(first.header("idempotency-key"), Some(format!("\"{ID}\"").as_str()));
    let expected = |content: &str| {
        let message = json!({ "to": format!("tel:{NUMBER}"), "content": content, "ref": format!("{ID}-{{x}}") });
        json!({ "api": 2, "messages": [message], "dry": false })
    };
    let link = format!("\"}}],https://login.example.org/answer?challenge_answer={SECRET}\n9");
    assert_eq!(serde_json::from_slice::<Value>(&first.body).unwrap(), expected(&link));
    assert_eq!(serde_json::from_slice::<Value>(&second.body).unwrap(), expected("\\123456\\"));
}

#[tokio::test]
async fn json_gateway_is_validated_on_creation() {
    let server = Server::start([]).await;
    let make = |url: &str, document: &str| JsonGateway::new(client(&server), url, document);
    let url = server.url("/");
    assert!(matches!(make(&url, "{"), Err(DeliveryError::TemplateJson(_))));
    assert!(matches!(make(&url, r#"{"a":"{to}"}"#), Err(DeliveryError::TemplateLacks("{text}"))));
    assert!(matches!(make(&url, r#"{"a":"{text}","{to}":1}"#), Err(DeliveryError::TemplateLacks("{to}"))));
    assert!(matches!(make(&url, r#"["{to}","{text}","{link}"]"#), Err(DeliveryError::Template { .. })));
    assert!(matches!(make("http://sms.example.test/", r#"["{to}","{text}"]"#), Err(DeliveryError::Blocked(_))));
    let gateway = make(&url, r#"["{to}","{text}"]"#).unwrap();
    assert!(matches!(gateway.clone().header("x y", "z"), Err(DeliveryError::Header)));
    assert!(matches!(gateway.header("x", "y\r\nz: 1"), Err(DeliveryError::Header)));
}

/// A gateway that responds with status 200 to refused messages.
/// R26: a gateway that repeats the credentials of its document or URL. Control: the other words of the reason stay.
#[tokio::test]
async fn reason_of_a_gateway_shows_no_credential() {
    let body = r#"{"error":"wrong password correcthorse for batterystaple"}"#;
    let server = Server::start([Answer::Body(401, body)]).await;
    let document = r#"{"password":"correcthorse","to":"{to}","text":"{text}"}"#;
    let gateway = JsonGateway::new(client(&server), &server.url("/?key=batterystaple"), document).unwrap();
    let reason = unwrap_failure(perform(&Delivery::new().sms(Sms::new(gateway)), sms(link())).await).2;
    assert!(reason.contains("wrong password"), "{reason}");
    assert!(!reason.contains("correcthorse") && !reason.contains("batterystaple"), "{reason}");
}

#[tokio::test]
async fn error_in_success_body_is_a_failure() {
    let gateway = |server: &Server| JsonGateway::new(client(server), &server.url("/"), r#"["{to}","{text}"]"#).unwrap();
    let of_error = |server: &Server| gateway(server).error_member("error").error_member("/result/error_code");
    let of_success = |server: &Server| gateway(server).success_member("/messages/0/status", "0");
    let accepted =
        ["", "OK", "{}", r#"{"error":null}"#, r#"{"error":""}"#, r#"{"error":0,"result":{"error_code":"0"}}"#];
    for body in accepted {
        let server = Server::start([Answer::Body(200, body)]).await;
        assert!(perform(&Delivery::new().sms(Sms::new(of_error(&server))), sms(link())).await.is_ok(), "{body}");
    }
    for body in [r#"{"messages":[{"status":"0"}]}"#, r#"{"messages":[{"status":0}]}"#] {
        let server = Server::start([Answer::Body(200, body)]).await;
        assert!(perform(&Delivery::new().sms(Sms::new(of_success(&server))), sms(link())).await.is_ok(), "{body}");
    }
    let refused = [
        (true, r#"{"error":"no credit"}"#, "no credit"),
        (true, r#"{"error":{"code":7,"message":"bad number +15550100999"}}"#, "7, bad number"),
        (true, r#"{"result":{"error_code":12}}"#, "12"),
        (false, r#"{"messages":[{"status":"9","error-text":"Quota exceeded"}]}"#, "Quota exceeded"),
        (false, "OK", "HTTP status 200"),
    ];
    for (by_error, body, words) in refused {
        let server = Server::start([Answer::Body(200, body), Answer::Full(200, ("retry-after", "9"), body)]).await;
        let gateway = if by_error { of_error(&server) } else { of_success(&server) };
        let delivery = Delivery::new().sms(Sms::new(gateway));
        for then in [Retry::Never, Retry::Later(Some(Duration::from_secs(9)))] {
            let outcome = unwrap_failure(perform(&delivery, sms(link())).await);
            assert_eq!((outcome.0, outcome.1), (then, Some(200)));
            assert!(outcome.2.contains(words) && !outcome.2.contains(NUMBER), "{}", outcome.2);
        }
    }
    // Negative control: a gateway without a named member trusts the status.
    let server = Server::start([Answer::Body(200, r#"{"error":"no credit"}"#)]).await;
    assert!(perform(&Delivery::new().sms(Sms::new(gateway(&server))), sms(link())).await.is_ok());
}

/// A body that decides the outcome is read to its end. A body that does not end decides nothing, so the message is sent
/// again. Control: a gateway without a named member trusts the status.
#[tokio::test]
async fn unfinished_body_decides_nothing() {
    let gateway = |server: &Server| JsonGateway::new(client(server), &server.url("/"), r#"["{to}","{text}"]"#).unwrap();
    let checks: [fn(JsonGateway) -> JsonGateway; 3] =
        [|gateway| gateway, |gateway| gateway.error_member("error"), |gateway| gateway.success_member("status", "0")];
    for (index, check) in checks.into_iter().enumerate() {
        let server = Server::start([Answer::EndlessBody(200), Answer::SlowBody(200)]).await;
        let delivery = Delivery::new().sms(Sms::new(check(gateway(&server))));
        if index == 0 {
            assert_eq!(perform(&delivery, sms(link())).await.unwrap(), Some(200));
            continue;
        }
        for _ in 0..2 {
            let mut job = job(sms(link()));
            job.timeout = Duration::from_secs(1);
            assert_eq!(unwrap_failure(delivery.perform(&job).await).0, Retry::Later(None));
        }
    }
    let long: &str =
        Box::leak(format!(r#"{{"padding":"{}","error":"no credit"}}"#, "x".repeat(20_000)).into_boxed_str());
    let server = Server::start([Answer::Body(200, long)]).await;
    let delivery = Delivery::new().sms(Sms::new(gateway(&server).error_member("error")));
    assert_eq!(unwrap_failure(perform(&delivery, sms(link())).await).0, Retry::Never);
}

/// A custom gateway that records messages.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<(String, String)>>>);

#[async_trait]
impl SmsGateway for Recorder {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        self.0.lock().unwrap().push((message.id.to_string(), message.text.to_owned()));
        Ok(None)
    }
}

#[tokio::test]
async fn text_over_the_segment_limit_is_not_sent() {
    let recorder = Recorder::default();
    let delivery = Delivery::new().sms(Sms::new(recorder.clone()).max_segments(2));
    let text = |length: usize| Message::Link {
        link: "x".repeat(length).into(),
        code: None,
        origin: None,
        remaining: Duration::from_secs(60),
    };
    perform(&delivery, sms(text(230))).await.unwrap();
    let (then, _, words) = unwrap_failure(perform(&delivery, sms(text(250))).await);
    assert_eq!(then, Retry::Never);
    assert!(words.contains("2 segments"), "{words}");
    let sent = recorder.0.lock().unwrap();
    assert_eq!((sent.len(), sent[0].0.as_str()), (1, ID));
}

#[derive(Clone, Debug, Default)]
struct Texts(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl SmsGateway for Texts {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        self.0.lock().unwrap().push(message.text.to_owned());
        Ok(None)
    }
}

#[tokio::test]
async fn text_with_a_code_ends_with_the_bound_code() {
    let message = || {
        let Message::Link { link, origin, remaining, .. } = link() else { panic!() };
        Message::Link { link, code: Some("123456".into()), origin, remaining }
    };
    let plain = SmsTemplate::new("Open {link}", "{code}").unwrap();
    let texts = Texts::default();
    for template in [SmsTemplate::default(), plain.clone(), plain.with_code("{code} for {origin}").unwrap()] {
        let delivery = Delivery::new().sms(Sms::new(texts.clone()).template(template));
        perform(&delivery, sms(message())).await.unwrap();
        perform(&delivery, sms(link())).await.unwrap();
    }
    let texts = texts.0.lock().unwrap();
    for (index, start) in
        ["123456 is your code for https://shop", "Open https://login", "123456 for https://shop"].iter().enumerate()
    {
        let (with_code, without) = (&texts[2 * index], &texts[2 * index + 1]);
        assert!(with_code.starts_with(start), "{with_code}");
        assert!(with_code.ends_with("\n\n@shop.example.org #123456"), "{with_code}");
        assert!(!without.contains("123456") && !without.contains("@shop"), "control: {without}");
    }
}
