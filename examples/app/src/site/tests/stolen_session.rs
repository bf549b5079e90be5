//! The attack with a stolen session: the cookie of the session, and no factor.

use std::time::Duration;

use challenges_core::Owner;
use challenges_testkit::Authenticator;
use challenges_testkit::webauthn::SecurityKey;
use http::StatusCode;
use serde_json::{Value, json};

use super::messages::{messages, subscription};
use super::passkeys::ORIGIN;
use super::visitor::Visitor;
use crate::site::route::Route;

/// Returns the methods that change factors or addresses. A new route does not compile until it is listed here.
const fn guarded(route: Route) -> &'static [&'static str] {
    match route {
        Route::Enrollments | Route::Passkeys | Route::Phones => &["POST"],
        // PUT gives a passkey a name, which admits nobody.
        Route::Enrollment(_) | Route::Passkey(_) | Route::Endpoint(_) => &["POST", "DELETE"],
        // DELETE, at sign-out, names the URL that only the browser knows.
        Route::Push => &["POST"],
        Route::Home
        | Route::Answer
        | Route::Asset(_)
        | Route::SignIn
        | Route::SignOut
        | Route::State
        | Route::StepUps
        | Route::StepUp(_)
        | Route::StepUpByPasskey(_)
        | Route::Approvals
        | Route::Messages
        | Route::KeySet
        | Route::Health => &[],
    }
}

impl Visitor {
    /// Passes a step-up by passkey, and keeps the cookie.
    async fn pass(&mut self, key: &mut SecurityKey) -> http::Response<bytes::Bytes> {
        let step_up = self.step_up().await;
        let assertion = self.assertion(&step_up, key).await;
        let passed = self.send("POST", &step_up, assertion.json()).await;
        assert_eq!(passed.status(), StatusCode::OK);
        self.keep(&passed);
        passed
    }

    /// Starts adding an authenticator app. Returns its path and the app.
    async fn app(&self) -> (String, Authenticator) {
        let (status, created) = self.json("POST", "/demo/enrollments", Value::Null).await;
        assert_eq!(status, StatusCode::CREATED, "{created}");
        let app = Authenticator::new(created["key"].as_str().unwrap()).unwrap();
        (format!("/demo/enrollments/{}", created["id"].as_str().unwrap()), app)
    }

    /// Returns the body that confirms an app now.
    fn code(&self, app: &Authenticator) -> Value {
        json!({ "code": app.code(self.challenges.now()) })
    }

    /// Starts adding a phone. Returns its path, and the body that confirms it.
    async fn phone(&self, number: &str) -> (String, Value) {
        let (status, created) = self.json("POST", "/demo/phones", json!({ "number": number })).await;
        assert_eq!(status, StatusCode::CREATED, "{created}");
        let code = messages(&self.challenges).await.remove(0);
        // The next message to the user may go out.
        self.wait(Duration::from_secs(31));
        (format!("/demo/endpoints/{}", created["id"].as_str().unwrap()), json!({ "code": code }))
    }

    async fn confirm(&self, path: &str, body: Value) {
        assert_eq!(self.json("POST", path, body).await.0, StatusCode::OK, "{path}");
    }

    /// Returns the whole account, for comparison.
    async fn account(&self, user: &str) -> String {
        let user = Owner::user(user).unwrap();
        let shown = self.json("GET", "/demo/state", Value::Null).await.1;
        let parts = ["enrollments", "passkeys", "endpoints"].map(|part| shown[part].to_string());
        format!("{parts:?} {:?}", self.challenges.account(&user).status().await.unwrap())
    }
}

/// R67: a thief with alice's session, and a step-up of another account, changes nothing on alice's account. The thief has
/// every code and key that the changes need. In alice's browser each of the same requests works after a step-up.
#[tokio::test]
async fn stolen_session_changes_no_factor() {
    let mut alice = Visitor::signed_in("alice").await;
    let (pending_app, authenticator) = alice.app().await;
    let (pending_phone, phone_code) = alice.phone("+15550100101").await;
    let (pending_passkey, options) = alice.begin().await;
    let own_key = SecurityKey::new(2).create(&options, ORIGIN).unwrap().sign().json();
    let mut key = SecurityKey::new(1);
    let (passkey, _) = alice.add(&mut key).await;
    alice.pass(&mut key).await;
    let (app, other) = alice.app().await;
    alice.confirm(&app, alice.code(&other)).await;
    let (phone, code) = alice.phone("+15550100102").await;
    alice.confirm(&phone, code).await;
    assert_eq!(alice.json("POST", "/demo/push", subscription()).await.0, StatusCode::OK);

    let thief = alice.beside("alice").await;
    let mut with_own_step_up = alice.beside("alice").await;
    let mut mallory = alice.beside("mallory").await;
    let mut other_key = SecurityKey::new(3);
    mallory.add(&mut other_key).await;
    with_own_step_up.keep(&mallory.pass(&mut other_key).await);

    let mut push = subscription();
    push["endpoint"] = json!("https://push.example.org/subscription/thief");
    let number = json!({ "number": "+15550100103" });
    let attempts = [
        ("POST", "/demo/enrollments", Value::Null),
        ("POST", &pending_app, alice.code(&authenticator)),
        ("POST", "/demo/passkeys", Value::Null),
        ("POST", &pending_passkey, own_key),
        ("POST", "/demo/phones", number),
        ("POST", &pending_phone, phone_code),
        ("POST", "/demo/push", push.clone()),
        ("DELETE", &pending_app, Value::Null),
        ("DELETE", &pending_passkey, Value::Null),
        ("DELETE", &pending_phone, Value::Null),
        ("DELETE", &app, Value::Null),
        ("DELETE", &phone, Value::Null),
        ("DELETE", &passkey, Value::Null),
    ];
    for (method, path, _) in &attempts {
        let guarded = guarded(Route::of(path).unwrap().0);
        assert!(guarded.contains(method), "{method} {path}");
        let tried = |method: &&str| attempts.iter().any(|tried| tried.0 == *method && tried.1 == *path);
        assert!(guarded.iter().all(tried) || [app.as_str(), &phone, &passkey].contains(path), "{path}");
    }

    let before = alice.account("alice").await;
    for thief in [&thief, &with_own_step_up] {
        for (method, path, body) in attempts.clone() {
            assert_eq!(thief.json(method, path, body).await.0, StatusCode::FORBIDDEN, "{method} {path}");
        }
        let guessed = "https://push.example.org/guessed";
        push["replaces"] = json!(guessed);
        assert_eq!(thief.json("POST", "/demo/push", push.clone()).await.0, StatusCode::NOT_FOUND);
        thief.json("DELETE", "/demo/push", json!({ "endpoint": guessed })).await;
        let started = thief.json("POST", "/demo/step-ups", Value::Null).await.1;
        let step_up = format!("/demo/step-ups/{}", started["id"].as_str().unwrap());
        assert_eq!(thief.json("POST", &step_up, json!({ "code": "000000" })).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(alice.account("alice").await, before);
    }

    for (method, path, body) in attempts {
        let before = alice.account("alice").await;
        let (status, told) = alice.json(method, path, body).await;
        assert!(status.is_success(), "control: {method} {path}: {status} {told}");
        assert_ne!(alice.account("alice").await, before, "control: {method} {path}");
    }
}
