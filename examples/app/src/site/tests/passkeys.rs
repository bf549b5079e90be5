use challenges_testkit::webauthn::{SecurityKey, SignedAssertion};
use http::StatusCode;
use serde_json::{Value, json};

use super::Visitor;

const ORIGIN: &str = "http://localhost:8080";

impl Visitor {
    /// Begins to add a passkey; its address and the options.
    async fn begin(&self) -> (String, Value) {
        let (status, begun) = self.json("POST", "/demo/passkeys", Value::Null).await;
        assert_eq!(status, StatusCode::CREATED, "{begun}");
        (format!("/demo/passkeys/{}", begun["id"].as_str().unwrap()), begun["options"].clone())
    }

    async fn add(&self, key: &mut SecurityKey) -> (String, Value) {
        let (path, options) = self.begin().await;
        let credential = key.create(&options, ORIGIN).unwrap().sign().json();
        let (status, added) = self.json("POST", &path, credential).await;
        assert_eq!(status, StatusCode::OK, "{added}");
        (path, added)
    }

    /// Starts a step-up; the address where a passkey answers it.
    async fn step_up(&self) -> String {
        let (_, started) = self.json("POST", "/demo/step-ups", Value::Null).await;
        assert_eq!(started["issued"], true, "{started}");
        format!("/demo/step-ups/{}/passkey", started["id"].as_str().unwrap())
    }

    async fn assertion(&self, path: &str, key: &mut SecurityKey) -> SignedAssertion {
        let (status, options) = self.json("GET", path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{options}");
        key.get(&options, ORIGIN).unwrap().sign()
    }

    async fn passkeys(&self) -> Vec<Value> {
        self.json("GET", "/demo/state", Value::Null).await.1["passkeys"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_passkey_is_added_named_used_and_removed() {
    let alice = Visitor::signed_in("alice").await;
    let mut key = SecurityKey::new(1);
    let (path, added) = alice.add(&mut key).await;
    assert_eq!(added["passkey"]["name"], "Security key");
    assert!(added["message"].as_str().unwrap().contains("two factors in one"));

    assert_eq!(alice.json("PUT", &path, json!({ "name": " On my ring " })).await.0, StatusCode::OK);
    assert_eq!(alice.passkeys().await[0]["name"], "On my ring");
    assert_eq!(alice.json("PUT", &path, json!({ "name": "a\nb" })).await.0, StatusCode::BAD_REQUEST);

    let step_up = alice.step_up().await;
    let assertion = alice.assertion(&step_up, &mut key).await;
    let (status, told) = alice.json("POST", &step_up, assertion.json()).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert!(told["message"].as_str().unwrap().contains("two factors in one"));
    assert_eq!(alice.states().await, ["challenge_passed"]);

    let open = alice.step_up().await;
    let assertion = alice.assertion(&open, &mut key).await;
    assert_eq!(alice.json("DELETE", &path, Value::Null).await.0, StatusCode::OK);
    assert!(alice.passkeys().await.is_empty());
    assert_eq!(alice.json("POST", &open, assertion.json()).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(alice.json("GET", &open, Value::Null).await.0, StatusCode::BAD_REQUEST);
    let (_, started) = alice.json("POST", "/demo/step-ups", Value::Null).await;
    assert_eq!(started["issued"], false, "nothing is left to answer with");
}

#[tokio::test]
async fn a_key_that_verifies_nobody_is_one_factor() {
    let alice = Visitor::signed_in("alice").await;
    let mut key = SecurityKey::new(1);
    key.verifies_user = false;
    let (_, added) = alice.add(&mut key).await;
    assert!(added["message"].as_str().unwrap().contains("one factor"));
    assert!(alice.passkeys().await[0]["text"].as_str().unwrap().contains("one factor"));

    let step_up = alice.step_up().await;
    let assertion = alice.assertion(&step_up, &mut key).await;
    let (_, told) = alice.json("POST", &step_up, assertion.json()).await;
    assert!(told["message"].as_str().unwrap().contains("one factor"), "{told}");
}

#[tokio::test]
async fn a_step_up_takes_the_newest_of_what_a_passkey_says_once() {
    let alice = Visitor::signed_in("alice").await;
    let mut key = SecurityKey::new(1);
    alice.add(&mut key).await;
    let copy = key.clone();
    let (first, second) = (alice.step_up().await, alice.step_up().await);

    let assertion = alice.assertion(&first, &mut key).await;
    assert_eq!(alice.json("POST", &first, assertion.json()).await.0, StatusCode::OK);
    for path in [&first, &second] {
        let (status, told) = alice.json("POST", path, assertion.json()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "R47: it was used");
        assert!(told["error_message"].as_str().unwrap().contains("not accepted"));
    }
    let copied = alice.assertion(&second, &mut copy.clone()).await;
    assert_eq!(alice.json("POST", &second, copied.json()).await.0, StatusCode::BAD_REQUEST, "R50: a copy");
    let assertion = alice.assertion(&second, &mut key).await;
    assert_eq!(alice.json("POST", &second, assertion.json()).await.0, StatusCode::OK, "control");
}

#[tokio::test]
async fn a_passkey_is_its_users_alone() {
    let alice = Visitor::signed_in("alice").await;
    let mut key = SecurityKey::new(1);
    let (path, _) = alice.add(&mut key).await;
    let step_up = alice.step_up().await;
    let assertion = alice.assertion(&step_up, &mut key).await;

    let mallory = alice.beside("mallory").await;
    assert!(mallory.passkeys().await.is_empty());
    for (method, path, body) in
        [("PUT", &path, json!({ "name": "mine" })), ("DELETE", &path, Value::Null), ("GET", &step_up, Value::Null)]
    {
        assert_eq!(mallory.json(method, path, body).await.0, StatusCode::NOT_FOUND, "{method} {path}");
    }
    assert_eq!(mallory.json("POST", &step_up, assertion.json()).await.0, StatusCode::BAD_REQUEST);

    // Her key is not in the exclude list of another user; the credential is hers all the same (R48).
    let (theirs, options) = mallory.begin().await;
    let credential = key.clone().create(&options, ORIGIN).unwrap().sign().json();
    let (status, told) = mallory.json("POST", &theirs, credential).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(told["error_message"].as_str().unwrap().contains("registered already"), "{told}");
    assert_eq!(alice.json("POST", &step_up, assertion.json()).await.0, StatusCode::OK, "control");
}

#[tokio::test]
async fn what_is_no_credential_is_told_in_a_sentence() {
    let alice = Visitor::signed_in("alice").await;
    let (path, options) = alice.begin().await;
    let elsewhere = SecurityKey::new(1).create(&options, "http://localhost:8081").unwrap().sign().json();
    for (body, told) in [(json!({}), "reload"), (Value::Null, "reload"), (elsewhere, "origin")] {
        let (status, problem) = alice.json("POST", &path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(problem["error_message"].as_str().unwrap().contains(told), "{problem}");
    }
    assert_eq!(alice.passkeys().await[0]["state"], "pending");
    let (_, started) = alice.json("POST", "/demo/step-ups", Value::Null).await;
    assert_eq!(started["issued"], false, "a pending enrollment answers nothing");
}

#[tokio::test]
async fn without_a_host_name_there_are_no_passkeys_and_all_else_works() {
    let alice = Visitor::signed_in_at("http://192.168.1.4:8080", "alice").await;
    let (_, page) = alice.get("/").await;
    assert!(page.contains("id=\"passkeys-unavailable\"") && !page.contains("id=\"add-passkey\""));
    let (status, told) = alice.json("POST", "/demo/passkeys", Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(told["error_message"].as_str().unwrap().contains("host name"));
    assert!(alice.passkeys().await.is_empty());
    assert_eq!(alice.json("POST", "/demo/step-ups", Value::Null).await.0, StatusCode::CREATED);
    assert!(Visitor::signed_in("alice").await.get("/").await.1.contains("id=\"add-passkey\""), "control");
}
