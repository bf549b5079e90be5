use challenges_core::endpoints::Address;
use challenges_core::outbox::Task;
use challenges_core::{ChallengeId, Owner};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;
use serde_json::{Value, json};

use crate::host::{ACME, Host, NOBODY, id, text};

async fn host() -> Host {
    let host = Host::new().await;
    let alice = Owner::in_tenant("acme", "alice").unwrap();
    let phone = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.endpoints().register_confirmed(alice, &administrator(), phone).await.unwrap();
    host
}

fn spec() -> Value {
    json!({
        "user_id": "alice",
        "challenge_type": "sms",
        "send_now": true,
        "response_uri": "https://pages.example/answer",
        "number_match": true,
    })
}

async fn secret(host: &Host, id: &str) -> String {
    let id: ChallengeId = id.parse().unwrap();
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let entry = entries.into_iter().map(Result::unwrap).find(|entry| entry.challenge == Some(id)).unwrap();
    let Task::Deliver { secret, .. } = entry.task else { panic!("a message") };
    secret.expose().to_owned()
}

/// R21, R27: the number is returned once, and required in the query as in the body.
#[tokio::test]
async fn number_is_returned_once_and_required() {
    for by_body in [false, true] {
        let host = host().await;
        let created = host.challenge(spec()).await;
        let (id, number) = (id(&created), text(&created["status"]["number_match"]));
        assert!(number.len() == 2 && created["spec"]["number_match"] == true);
        let path = format!("/v1/challenges/{id}");
        for later in
            [host.get(&path, NOBODY).await.json(), host.send("PUT", &path, NOBODY, created.clone()).await.json()]
        {
            assert!(later["status"].get("number_match").is_none() && later["spec"]["number_match"] == true, "{later}");
        }
        let secret = secret(&host, &id).await;
        let give = async |number: Option<&str>| {
            let mut body = json!({ "challenge_answer": secret, "allowed": true, "challenge_type": "sms" });
            let mut query = format!("challenge_answer={secret}&allowed=true&challenge_type=sms");
            if let Some(number) = number {
                body["number_match"] = json!(number);
                query = format!("{query}&number_match={number}");
            }
            match by_body {
                true => host.post(&format!("{path}/answers"), NOBODY, body).await,
                false => host.answer(&id, &query).await,
            }
        };
        let other = if number == "00" { "01" } else { "00" };
        let refused = [give(None).await, give(Some(other)).await, give(Some("")).await];
        let wrong = host.answer(&id, "challenge_answer=wrong&allowed=true&challenge_type=sms").await;
        for reply in &refused {
            assert_eq!((reply.status, &reply.body), (400, &wrong.body), "R23: one response for all reasons");
        }
        assert_eq!(give(Some(&number)).await.status, 200);
    }
}

#[tokio::test]
async fn useless_number_match_is_bad_request() {
    let host = host().await;
    let post = async |spec: Value| host.post("/v1/challenges", ACME, json!({ "spec": spec })).await;
    let by_code = post(json!({ "user_id": "alice", "challenge_type": "code", "number_match": true })).await;
    assert_eq!((by_code.status, by_code.error_code().as_str()), (400, "number_match_types"));
    let mut pending = spec();
    (pending["send_now"], pending["number_match"]) = (json!(false), json!(false));
    let pending = post(pending).await.json();
    assert!(pending["spec"].get("number_match").is_none() && pending["status"].get("number_match").is_none());
    let path = format!("/v1/challenges/{}", id(&pending));
    let late = host.send("PUT", &path, ACME, json!({ "spec": spec() })).await;
    assert_eq!((late.status, late.error_code().as_str()), (400, "number_match_too_late"));
}

/// R20: the rate limit is a 400 with the time to wait, without `Retry-After`.
#[tokio::test]
async fn message_rate_limit_is_bad_request() {
    let host = host().await;
    host.challenge(spec()).await;
    host.clock.advance(10);
    let refused = host.post("/v1/challenges", ACME, json!({ "spec": spec() })).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (400, "too_many_messages"));
    assert_eq!(
        text(&refused.json()["error_message"]),
        "message rate limit of this user reached; try again in 20 seconds"
    );
    assert_eq!(refused.header("retry-after"), None);
}

#[tokio::test]
async fn sms_without_response_uri_is_bad_request() {
    let host = host().await;
    let spec = json!({ "user_id": "alice", "challenge_type": "sms", "send_now": true });
    let refused = host.post("/v1/challenges", ACME, json!({ "spec": spec })).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (400, "response_uri_required"));
}

/// R39: with a confirmation page, a GET decides no action, but the posted answer does.
#[tokio::test]
async fn confirm_page_posts_the_answer() {
    let host = Host::with(MemoryStore::new(), |builder| builder.confirm_page("https://pages.example/confirm")).await;
    let created = host.action(&["alice"]).await;
    let id = id(&created["challenge"]);
    let uri = text(&created["answer_details"][0]["approve_uri"]);
    let query = uri.strip_prefix("https://pages.example/confirm?").unwrap();
    assert!(query.ends_with(&format!("&challenge_id={id}")));
    let opened = host.answer(&id, query).await;
    let wrong = host.answer(&id, "challenge_answer=wrong&allowed=true&challenge_type=one_time_use_action").await;
    assert_eq!((opened.status, &opened.body), (400, &wrong.body));
    assert_eq!(host.state(&id).await, "issued");
    let unknown = host.answer(&"0".repeat(40), query).await;
    assert_eq!(unknown.status, 404);
    let secret = query.strip_prefix("challenge_answer=").unwrap().split('&').next().unwrap();
    let body = json!({
        "challenge_answer": secret, "allowed": true, "challenge_type": "one_time_use_action", "challenge_uid": "alice",
    });
    assert_eq!(host.post(&format!("/v1/challenges/{id}/answers"), NOBODY, body).await.status, 200);
    assert_eq!(host.state(&id).await, "challenge_passed");
    let (code_id, code) = host.code_challenge().await;
    let by_get = format!("challenge_answer={code}&allowed=true&challenge_type=code");
    assert_eq!(host.answer(&code_id, &by_get).await.status, 200, "other types still take a GET");

    // Control: without the page, the link decides.
    let host = Host::new().await;
    let created = host.action(&["alice"]).await;
    let link = crate::host::link(&created, 0, "approve_uri");
    assert_eq!(host.get(&link, NOBODY).await.status, 200);
}
