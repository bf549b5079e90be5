use challenges_testkit::webauthn::{SecurityKey, SignedAssertion};
use http::StatusCode;
use serde_json::{Value, json};

use super::visitor::Visitor;

pub(super) const ORIGIN: &str = "http://localhost:8080";

impl Visitor {
    /// Starts adding a passkey. Returns the path of the passkey and the creation options.
    pub(super) async fn begin(&self) -> (String, Value) {
        let (status, begun) = self.json("POST", "/demo/passkeys", Value::Null).await;
        assert_eq!(status, StatusCode::CREATED, "{begun}");
        (format!("/demo/passkeys/{}", begun["id"].as_str().unwrap()), begun["options"].clone())
    }

    pub(super) async fn add(&self, key: &mut SecurityKey) -> (String, Value) {
        let (path, options) = self.begin().await;
        let credential = key.create(&options, ORIGIN).unwrap().sign().json();
        let (status, added) = self.json("POST", &path, credential).await;
        assert_eq!(status, StatusCode::OK, "{added}");
        (path, added)
    }

    /// Starts a step-up. Returns the path for the answer by passkey.
    pub(super) async fn step_up(&self) -> String {
        let (_, started) = self.json("POST", "/demo/step-ups", Value::Null).await;
        assert_eq!(started["issued"], true, "{started}");
        format!("/demo/step-ups/{}/passkey", started["id"].as_str().unwrap())
    }

    pub(super) async fn assertion(&self, path: &str, key: &mut SecurityKey) -> SignedAssertion {
        let (status, options) = self.json("GET", path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{options}");
        key.get(&options, ORIGIN).unwrap().sign()
    }

    async fn passkeys(&self) -> Vec<Value> {
        self.json("GET", "/demo/state", Value::Null).await.1["passkeys"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn passkey_is_added_named_used_and_removed() {
    let mut alice = Visitor::signed_in("alice").await;
    let mut key = SecurityKey::new(1);
    let (path, added) = alice.add(&mut key).await;
    assert_eq!(added["passkey"]["name"], "Security key");
    assert!(added["message"].as_str().unwrap().contains("two factors in one"));

    assert_eq!(alice.json("PUT", &path, json!({ "name": " On my ring " })).await.0, StatusCode::OK);
    assert_eq!(alice.passkeys().await[0]["name"], "On my ring");
    assert_eq!(alice.json("PUT", &path, json!({ "name": "a\nb" })).await.0, StatusCode::BAD_REQUEST);

    let step_up = alice.step_up().await;
    let assertion = alice.assertion(&step_up, &mut key).await;
    assert_eq!(alice.json("DELETE", &path, Value::Null).await.0, StatusCode::FORBIDDEN);
    let passed = alice.send("POST", &step_up, assertion.json()).await;
    assert_eq!(passed.status(), StatusCode::OK);
    assert!(std::str::from_utf8(passed.body()).unwrap().contains("two factors in one"));
    assert_eq!(alice.states().await, ["challenge_passed"]);
    alice.keep(&passed);

    let open = alice.step_up().await;
    let assertion = alice.assertion(&open, &mut key).await;
    assert_eq!(alice.json("DELETE", &path, Value::Null).await.0, StatusCode::OK);
    assert!(alice.passkeys().await.is_empty());
    assert_eq!(alice.json("POST", &open, assertion.json()).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(alice.json("GET", &open, Value::Null).await.0, StatusCode::BAD_REQUEST);
    let (_, started) = alice.json("POST", "/demo/step-ups", Value::Null).await;
    assert_eq!(started["issued"], false, "no factor is left");
}

#[tokio::test]
async fn key_without_user_verification_is_one_factor() {
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
async fn repeated_and_copied_assertions_are_refused() {
    let alice = Visitor::signed_in("alice").await;
    let mut key = SecurityKey::new(1);
    alice.add(&mut key).await;
    let copy = key.clone();
    let (first, second) = (alice.step_up().await, alice.step_up().await);

    let assertion = alice.assertion(&first, &mut key).await;
    assert_eq!(alice.json("POST", &first, assertion.json()).await.0, StatusCode::OK);
    for path in [&first, &second] {
        let (status, told) = alice.json("POST", path, assertion.json()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "R47: already used");
        assert!(told["error_message"].as_str().unwrap().contains("not accepted"));
    }
    let copied = alice.assertion(&second, &mut copy.clone()).await;
    assert_eq!(alice.json("POST", &second, copied.json()).await.0, StatusCode::BAD_REQUEST, "R50: copied");
    let assertion = alice.assertion(&second, &mut key).await;
    assert_eq!(alice.json("POST", &second, assertion.json()).await.0, StatusCode::OK, "control");
}

#[tokio::test]
async fn passkeys_are_out_of_reach_of_others() {
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

    // The exclude list of another user lacks her key, but the credential is still taken (R48).
    let (theirs, options) = mallory.begin().await;
    let credential = key.clone().create(&options, ORIGIN).unwrap().sign().json();
    let (status, told) = mallory.json("POST", &theirs, credential).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(told["error_message"].as_str().unwrap().contains("registered already"), "{told}");
    assert_eq!(alice.json("POST", &step_up, assertion.json()).await.0, StatusCode::OK, "control");
}

#[tokio::test]
async fn malformed_credentials_give_readable_errors() {
    let alice = Visitor::signed_in("alice").await;
    let (path, options) = alice.begin().await;
    let elsewhere = SecurityKey::new(1).create(&options, "http://localhost:8081").unwrap().sign().json();
    for (body, told) in [(json!({}), "reload"), (Value::Null, "reload"), (elsewhere, "origin")] {
        let (status, problem) = alice.json("POST", &path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(problem["error_message"].as_str().unwrap().contains(told), "{problem}");
    }
    assert_eq!(alice.passkeys().await[0]["completed"], false);
    let (_, started) = alice.json("POST", "/demo/step-ups", Value::Null).await;
    assert_eq!(started["issued"], false, "a pending enrollment answers nothing");
}

#[tokio::test]
async fn ip_address_disables_only_passkeys() {
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
