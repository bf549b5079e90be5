use std::time::Duration;

use challenges_core::endpoints::PhoneNumber;
use challenges_core::webauthn::WebauthnEnrollmentSpec;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, ChallengeTypes, EndpointRef, Purpose, Secret};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, administrator};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::host::NUMBER;
use crate::log_capture::log;
use crate::server::{self, Server};
use crate::service::{BASE, BEARER, ORIGIN, RELYING_PARTY, Service, alice, text};

const DATA: &str = "CANARY-answer-data";
const WRONG: &str = "CANARY-wrong-answer";

async fn answer(service: &Service, id: &str, kind: &str, answer: &str, allowed: bool) -> u16 {
    let query = format!("challenge_answer={answer}&allowed={allowed}&challenge_type={kind}");
    service.get(&format!("/v1/challenges/{id}/answers?{query}")).await.0
}

async fn totp(service: &mut Service) {
    let path = "/v1/challenge_enrollment/totp";
    let (status, created) = service.post(path, json!({ "spec": { "user_id": "alice" } })).await;
    assert_eq!(status, 201);
    let key = text(&created["status"]["key"]);
    service.canaries.add("TOTP key as text", &key);
    service.canaries.add("TOTP key", base32::decode(base32::Alphabet::Rfc4648 { padding: false }, &key).unwrap());
    let app = Authenticator::new(&key).unwrap();
    let confirm = format!("{path}/{}", text(&created["metadata"]["id"]));
    for (code, expected) in
        [(app.wrong_code(service.challenges.now(), 1), 400), (app.code(service.challenges.now()), 200)]
    {
        service.canaries.add("TOTP code", &code);
        assert_eq!(service.post(&confirm, json!({ "answer": code, "user_id": "alice" })).await.0, expected);
    }
    service.advance();
    let spec = json!({ "user_id": "alice", "challenge_type": "totp", "send_now": true, "answer_data": { "it": DATA } });
    let (_, created) = service.post("/v1/challenges", json!({ "spec": spec })).await;
    let id = text(&created["metadata"]["id"]);
    service.canaries.add("answer data", DATA);
    for (code, expected) in
        [(app.wrong_code(service.challenges.now(), 2), 400), (app.code(service.challenges.now()), 200)]
    {
        service.canaries.add("TOTP code", &code);
        assert_eq!(answer(service, &id, "totp", &code, true).await, expected);
    }
}

async fn code(service: &mut Service) {
    service.canaries.add("wrong answer", WRONG);
    for allowed in [true, false] {
        let spec =
            json!({ "user_id": "alice", "challenge_type": "code", "send_now": true, "answer_data": { "it": DATA } });
        let (_, created) = service.post("/v1/challenges", json!({ "spec": spec })).await;
        let (id, code) = (text(&created["metadata"]["id"]), text(&created["status"]["code"]));
        service.canaries.add("code", &code);
        for kind in ["code", "totp", "nothing"] {
            assert_eq!(answer(service, &id, kind, WRONG, allowed).await, 400);
        }
        assert_eq!(service.send("PUT", &format!("/v1/challenges/{id}"), "", created).await.0, 200);
        assert_eq!(answer(service, &id, "code", &code, allowed).await, 200);
        assert_eq!(answer(service, &id, "code", &code, allowed).await, 400);
        assert_eq!(service.send("DELETE", &format!("/v1/challenges/{id}"), "", "").await.0, 204);
        assert_eq!(answer(service, &id, "code", &code, allowed).await, 404);
    }
}

/// Returns the secret in a link.
fn secret_of(link: &str) -> String {
    link.split("challenge_answer=").nth(1).unwrap().chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn messages(service: &mut Service) {
    let number: PhoneNumber = NUMBER.parse().unwrap();
    service.canaries.add("phone number", NUMBER);
    let phone = service.challenges.endpoints().register_phone(alice(), &administrator(), number).await.unwrap();
    let refused = service.dispatch().await;
    assert_eq!(refused.len(), 1, "the server refuses the first message");
    service.advance();
    let sent = service.dispatch().await;
    let said = text(&serde_json::from_slice::<Value>(&sent[0]).unwrap()["text"]);
    let code = said.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6).unwrap().to_owned();
    service.canaries.add("confirmation code", &code);
    assert!(
        service.challenges.endpoints().confirm(&alice(), &administrator(), phone.id(), &WRONG.into()).await.is_err()
    );
    service.challenges.endpoints().confirm(&alice(), &administrator(), phone.id(), &Secret::from(code)).await.unwrap();

    let browser = Browser::new();
    let endpoint = service.server.url("/push/CANARY-subscription");
    service.canaries.add("push endpoint", "CANARY-subscription");
    service.canaries.add("push secret", [9; 16]);
    service
        .challenges
        .endpoints()
        .register_push(alice(), &administrator(), browser.subscription(&endpoint))
        .await
        .unwrap();
    assert_eq!(service.dispatch().await.len(), 1, "the phone is told");
    for kind in [ChallengeType::Sms, ChallengeType::WebPush] {
        service.advance();
        let spec =
            ChallengeSpec::new(ChallengeTypes::new(None, Some(vec![kind])).unwrap()).unwrap().with_number_match();
        let created = service.challenges.create(alice(), spec).await.unwrap();
        let bodies = service.dispatch().await;
        let said = match kind {
            ChallengeType::Sms => text(&serde_json::from_slice::<Value>(&bodies[0]).unwrap()["text"]),
            _ => browser.decrypt(&bodies[0]).to_string(),
        };
        assert!(said.contains("challenge_answer="), "{said}");
        let secret = secret_of(&said);
        service.canaries.add("link secret", &secret);
        let id = created.challenge.id();
        let wrong = Answer::allow(id, kind, WRONG);
        assert!(service.challenges.answer(wrong).await.is_err());
        assert!(service.challenges.answer(Answer::allow(id, kind, &*secret)).await.is_err(), "without the number");
        let right = Answer::allow(id, kind, &*secret).with_number(created.number.unwrap().expose());
        assert!(service.challenges.answer(right).await.unwrap().passed().is_some());
    }
}

async fn webauthn(service: &mut Service) {
    let mut key = SecurityKey::new(1);
    let spec = WebauthnEnrollmentSpec::new(RELYING_PARTY.parse().unwrap());
    let pending = service.challenges.webauthn().create(alice(), &administrator(), spec).await.unwrap();
    let options = service.challenges.webauthn().creation_options(&alice(), pending.id(), "alice").await.unwrap();
    let response = key.create(&options, "https://evil.example").unwrap().sign().core_response().unwrap();
    let owner = alice();
    let confirm =
        async |response| service.challenges.webauthn().confirm(&owner, &administrator(), pending.id(), response).await;
    assert!(confirm(&response).await.is_err());
    let mut key = SecurityKey::new(1);
    let response = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
    assert!(confirm(&response).await.is_ok());
    let named = vec![EndpointRef::webauthn(pending.id())];
    let spec = ChallengeSpec::new(ChallengeType::Webauthn).unwrap().with_endpoints(named);
    let id = service.challenges.create(alice(), spec).await.unwrap().challenge.id();
    let options = service.challenges.webauthn().request_options(id).await.unwrap();
    for (origin, passes) in [("https://evil.example", false), (ORIGIN, true)] {
        let assertion = key.get(&options, origin).unwrap().sign().answer();
        let answered = service.challenges.answer(Answer::allow(id, ChallengeType::Webauthn, assertion)).await;
        assert_eq!(answered.is_ok(), passes, "{answered:?}");
    }
}

async fn actions(service: &mut Service) {
    let run = |uri: String| {
        json!({ "challenge_action_type": "http_action", "method": "POST", "uri": uri, "body": "CANARY-action-body",
            "scopes": ["doors:open"] })
    };
    service.canaries.add("action body", "CANARY-action-body");
    service.canaries.add("action query", "CANARY-action-query");
    let blocked = "https://hooks.example.test:1/?key=CANARY-action-query".to_owned();
    let spec = json!({
        "actors": [{ "user_id": "alice", "org_id": "acme" }, { "user_id": "bob", "org_id": "acme" }],
        "timeout_seconds": 300,
        "approved_actions": [run(service.server.url("/hook?key=CANARY-action-query")), run(blocked)],
        "declined_actions": [],
    });
    let (status, created) = service.post("/v1/challenges/one_time_use_actions", json!({ "spec": spec })).await;
    assert_eq!(status, 201, "{created}");
    for detail in created["answer_details"].as_array().unwrap() {
        for name in ["approve_uri", "decline_uri"] {
            service.canaries.add("action secret", secret_of(&text(&detail[name])));
        }
    }
    let uri = text(&created["answer_details"][1]["approve_uri"]);
    service.dispatch().await;
    assert_eq!(service.get(uri.strip_prefix(BASE).unwrap()).await.0, 200);
    assert_eq!(service.dispatch().await.len(), 1);
    assert_eq!(service.challenges.outbox().dead_letters(None, None, 10).await.unwrap().len(), 1);
}

async fn step_up(service: &mut Service) {
    let purpose = Purpose::new("transfer").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose.clone());
    let created = service.challenges.create(alice(), spec).await.unwrap();
    let code = created.code.unwrap().expose().to_owned();
    service.canaries.add("code", &code);
    let answered = service.challenges.answer(Answer::allow(created.challenge.id(), ChallengeType::Code, code)).await;
    let token = service.challenges.step_up().grant(&answered.unwrap().passed().unwrap()).unwrap();
    service.canaries.add("step-up token", token.expose());
    service.canaries.add("forged token", "CANARY-forged-token");
    let forged = Secret::from("CANARY-forged-token");
    let (other, age) = (Purpose::new("other").unwrap(), Duration::from_secs(60));
    for (token, purpose, fine) in [(&token, &purpose, true), (&token, &other, false), (&forged, &purpose, false)] {
        assert_eq!(service.challenges.step_up().verify(token, &alice(), purpose, age).is_ok(), fine);
    }
    for fine in [true, false] {
        let used = service.challenges.step_up().verify_once(&token, &alice(), &purpose, age).await;
        assert_eq!(used.is_ok(), fine);
    }
}

async fn errors(service: &mut Service) {
    let unknown = "/v1/challenges/0001000000000000000000000000000000000007";
    let path = format!("{unknown}/answers?challenge_answer={WRONG}&allowed=true&challenge_type=code");
    assert_eq!(service.get(&path).await.0, 404);
    assert_eq!(service.get(&format!("/v1/challenges/{WRONG}")).await.0, 404);
    assert_eq!(service.send("POST", "/v1/challenges", WRONG, "{}").await.0, 401);
    assert_eq!(service.send("PATCH", unknown, "", "").await.0, 405);
    for body in [format!("{{\"spec\": {WRONG}"), format!("{{\"spec\": \"{WRONG}\"}}"), WRONG.repeat(10_000)] {
        assert!((400..=413).contains(&service.send("POST", "/v1/challenges", BEARER, body).await.0));
    }
    assert!(service.challenges.sweep(100).await.is_ok());
    assert!(service.challenges.reseal(None, 100).await.is_ok());
}

/// R26: At the lowest level of every library, no log line contains a secret in any common form.
#[tokio::test]
async fn no_flow_logs_a_secret() {
    let log = log();
    let mut service = Service::start(Server::start([server::Answer::Status(503)]).await).await;
    totp(&mut service).await;
    code(&mut service).await;
    messages(&mut service).await;
    webauthn(&mut service).await;
    actions(&mut service).await;
    step_up(&mut service).await;
    errors(&mut service).await;

    let text = log.text();
    assert!(service.canaries.len() > 25);
    assert_eq!(service.canaries.found(&text), Vec::<String>::new());
    println!("canaries: {} looked for in {} bytes of log, 0 found", service.canaries.len(), text.len());
    for word in [
        "answer_refused",
        "answer_undecided",
        "assertion_rejected",
        "challenge_moved",
        "endpoint_confirmed",
        "endpoint_answer_wrong",
        "enrollment_completed",
        "enrollment_answer_wrong",
        "outbox_performed",
        "outbox_retried",
        "outbox_dead_lettered",
        "step_up_granted",
        "step_up_refused",
        "step_up_used",
        "swept",
        "resealed",
    ] {
        assert!(text.contains(&format!("event=\"{word}\"")), "the flows cover {word}");
    }
    for target in ["challenges:", "hyper"] {
        assert!(text.contains(target), "{target} logs at this level");
    }

    // Negative control: both logging facades are captured, and their secrets are found.
    tracing::trace!(target: "hyper", "read {WRONG}");
    assert_eq!(service.canaries.found(&log.text()), ["wrong answer as text"]);
    log::trace!("{BEARER}");
    assert_eq!(service.canaries.found(&log.text()).len(), 2);
}
