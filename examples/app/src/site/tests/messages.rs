use challenges_core::Challenges;
use challenges_core::outbox::{Courier, Errand, Failure, Job, Message};
use http::StatusCode;
use serde_json::{Value, json};

use super::visitor::Visitor;

/// A push subscription of a browser. The public key is the base point of the curve.
pub(super) fn subscription() -> Value {
    json!({
        "endpoint": "https://push.example.org/subscription/1",
        "expirationTime": null,
        "keys": {
            "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
            "auth": "AAECAwQFBgcICQoLDA0ODw",
        },
    })
}

/// A courier that records messages.
#[derive(Debug, Default)]
struct Taken(std::sync::Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Courier for Taken {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let (Errand::Sms { message, .. } | Errand::Push { message, .. }) = &job.errand else { unreachable!() };
        let text = match message {
            Message::Confirmation { code, .. } => code.expose().to_owned(),
            Message::Link { link, .. } => link.expose().to_owned(),
            // A notice of a change.
            _ => return Ok(None),
        };
        self.0.lock().unwrap().push(text);
        Ok(None)
    }
}

pub(super) async fn messages(challenges: &Challenges) -> Vec<String> {
    let courier = Taken::default();
    challenges.outbox().dispatch(&courier, 10).await.unwrap();
    courier.0.into_inner().unwrap()
}

async fn endpoints(visitor: &Visitor) -> Vec<Value> {
    let (_, state) = visitor.json("GET", "/demo/state", Value::Null).await;
    state["endpoints"].as_array().unwrap().clone()
}

#[tokio::test]
async fn only_confirmed_phones_get_requests() {
    let alice = Visitor::signed_in("alice").await;
    let (status, refused) = alice.json("POST", "/demo/messages", json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(refused["error_message"].as_str().unwrap().contains("Add one first"));

    let (status, added) =
        alice.json("POST", "/demo/phones", json!({ "number": "+1 (555)\u{a0}010\u{2011}0199\u{200b}" })).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(endpoints(&alice).await[0]["state"], "pending");
    let code = messages(&alice.challenges).await.remove(0);
    let path = format!("/demo/endpoints/{}", added["id"].as_str().unwrap());
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(alice.json("POST", &path, json!({ "code": wrong })).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(
        alice.json("POST", &path, json!({ "code": format!("\u{202a}{} {}\u{202c}", &code[..3], &code[3..]) })).await.0,
        StatusCode::OK
    );
    assert_eq!(endpoints(&alice).await[0]["name"], "+15550100199");
    assert_eq!(endpoints(&alice).await[0]["state"], "ready");
}

#[tokio::test]
async fn push_link_opens_a_page_to_decide() {
    let alice = Visitor::signed_in("alice").await;
    assert_eq!(alice.json("POST", "/demo/push", subscription()).await.0, StatusCode::OK);
    assert_eq!(endpoints(&alice).await[0]["name"], "Browser, by push.example.org");
    let (status, asked) = alice.json("POST", "/demo/messages", json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(asked["number"].as_str().unwrap().len(), 2);
    let link = messages(&alice.challenges).await.remove(0);
    let page = link.strip_prefix("http://localhost:8080").unwrap();
    for _ in 0..2 {
        let (status, text) = alice.get(page).await;
        assert_eq!(status, StatusCode::OK);
        for shown in ["id=\"number\"", "id=\"approve\"", "id=\"decline\"", "id=\"not-me\"", "http://localhost:8080"] {
            assert!(text.contains(shown), "{shown}");
        }
    }
    assert_eq!(alice.states().await, ["issued"]);
}

#[tokio::test]
async fn unreachable_addresses_are_refused() {
    let alice = Visitor::signed_in("alice").await;
    for (path, body) in [
        ("/demo/phones", json!({ "number": "12345" })),
        ("/demo/push", json!({ "endpoint": "http://push.example.org/", "keys": { "p256dh": "AA", "auth": "AA" } })),
    ] {
        let (status, problem) = alice.json("POST", path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(problem["error_message"].as_str().unwrap().contains("lease"), "{problem}");
    }
    assert!(endpoints(&alice).await.is_empty());
}

#[tokio::test]
async fn other_users_endpoints_are_out_of_reach() {
    let alice = Visitor::signed_in("alice").await;
    alice.json("POST", "/demo/phones", json!({ "number": "+15550100199" })).await;
    let id = endpoints(&alice).await[0]["id"].as_str().unwrap().to_owned();
    let code = messages(&alice.challenges).await.remove(0);
    let mallory = alice.beside("mallory").await;
    let path = format!("/demo/endpoints/{id}");
    assert_eq!(mallory.json("DELETE", &path, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(mallory.json("POST", &path, json!({ "code": code })).await.0, StatusCode::NOT_FOUND);
    assert_eq!(endpoints(&alice).await.len(), 1);
    assert_eq!(alice.json("DELETE", &path, Value::Null).await.0, StatusCode::OK);
}

/// One browser, two accounts: the browser notifies the user who added it last.
#[tokio::test]
async fn browser_moves_to_the_next_user() {
    let alice = Visitor::signed_in("alice").await;
    let bob = alice.beside("bob").await;
    alice.json("POST", "/demo/push", subscription()).await;
    assert_eq!(endpoints(&alice).await.len(), 1, "control");
    assert_eq!(bob.json("POST", "/demo/push", subscription()).await.0, StatusCode::OK);
    assert_eq!((endpoints(&alice).await.len(), endpoints(&bob).await.len()), (0, 1));
}

#[tokio::test]
async fn browser_is_removed_by_its_subscription() {
    let alice = Visitor::signed_in("alice").await;
    let mallory = alice.beside("mallory").await;
    alice.json("POST", "/demo/push", subscription()).await;
    for (visitor, url, left) in [
        (&mallory, "https://push.example.org/subscription/1", 1),
        (&alice, "https://push.example.org/subscription/2", 1),
        (&alice, "https://push.example.org/subscription/1", 0),
    ] {
        assert_eq!(visitor.json("DELETE", "/demo/push", json!({ "endpoint": url })).await.0, StatusCode::OK);
        assert_eq!(endpoints(&alice).await.len(), left, "{url}");
    }
}

#[tokio::test]
async fn unreachable_push_service_is_refused() {
    let alice = Visitor::signed_in("alice").await;
    let mut inside = subscription();
    inside["endpoint"] = json!("https://10.0.0.1/subscription");
    assert_eq!(alice.json("POST", "/demo/push", inside).await.0, StatusCode::BAD_REQUEST);
    assert!(endpoints(&alice).await.is_empty());
}
