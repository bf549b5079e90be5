use challenges_core::{Challenges, KeyRing};
use challenges_http::{Api, Principal, StaticToken};
use challenges_memory::MemoryStore;
use challenges_testkit::webauthn::SecurityKey;
use http::Request;
use http_body_util::Full;
use serde_json::json;

use crate::host::{ACME, ALICE, Host, NOBODY, WEBAUTHN, id};

#[tokio::test]
async fn credential_is_enrolled_read_and_used() {
    let host = Host::new().await;
    let mut key = SecurityKey::new(1);
    let spec = json!({
        "user_id": "alice", "relying_party_id": "acme.example", "attestation_format": "platform",
        "attestation_conveyance": "indirect", "user_verification": "preferred", "http_endpoint": "https://acme.example/mfa",
    });
    let pending = host.post(WEBAUTHN, ALICE, json!({ "spec": spec })).await.json();
    assert_eq!(pending["spec"], spec);
    assert_eq!(pending["status"].as_object().unwrap().keys().collect::<Vec<_>>(), ["challenge"]);
    let path = format!("{WEBAUTHN}/{}", id(&pending));
    let done = host.post(&path, ALICE, host.made(&pending, &mut key)).await.json();
    let status = json!({ "credential_id": "o2O81wLLVCN0bKaiAM6oRA4RNfQSR6bY4SCwVQ2Fb48=", "transports": ["usb"] });
    assert_eq!((&done["spec"], &done["status"]), (&spec, &status));
    assert_eq!(host.get(&path, ALICE).await.json(), done);
    let listed = host.get(WEBAUTHN, ALICE).await.json();
    assert_eq!(listed, json!({ "limit": 500, "webauthn": [done] }));
    let (challenge, assertion) = host.assertion(&id(&pending), &mut key).await;
    let answer = assertion.answer_base64url();
    let query = format!("challenge_answer={answer}&allowed=true&challenge_type=webauthn&challenge_uid=alice");
    assert_eq!(host.answer(&challenge, &query).await.status, 200);
    assert_eq!(host.state(&challenge).await, "challenge_passed");
    assert_eq!(host.answer(&challenge, &query).await.status, 400);
}

#[tokio::test]
async fn enrollment_errors_have_codes() {
    let host = Host::new().await;
    let rows = [
        ("relying_party_id", json!("https://acme.example"), "relying_party_not_served"),
        ("user_verification", json!("maybe"), "malformed_user_verification"),
        ("attestation_conveyance", json!("enterprise"), "malformed_attestation_conveyance"),
        ("attestation_format", json!("x".repeat(256)), "enrollment_note_too_long"),
        ("http_endpoint", json!("x".repeat(2_049)), "enrollment_note_too_long"),
        ("relying_party_id", json!(1), "malformed_property"),
    ];
    for (property, value, code) in rows {
        let mut spec = json!({ "user_id": "alice", "relying_party_id": "acme.example" });
        spec[property] = value;
        let refused = host.post(WEBAUTHN, ACME, json!({ "spec": spec })).await;
        assert_eq!((refused.status, refused.error_code().as_str()), (400, code), "{spec}");
    }
    let pending = host.pending_credential("alice").await;
    let made = host.made(&pending, &mut SecurityKey::new(1));
    let rows = [
        ("credential_id", json!(""), "malformed_credential_id"),
        ("credential_id", json!("*"), "malformed_registration"),
        ("client_data", json!("*"), "malformed_registration"),
        ("authenticator_data", json!(null), "malformed_registration"),
        ("user_handle", json!("*"), "malformed_user_handle"),
        ("client_data", json!("e30"), "registration_refused"),
        ("authenticator_data", json!("oA"), "registration_refused"),
        ("credential_id", json!("YQ"), "registration_refused"),
    ];
    for (property, value, code) in rows {
        let mut body = made.clone();
        body[property] = value;
        let refused = host.post(&format!("{WEBAUTHN}/{}", id(&pending)), ACME, body).await;
        assert_eq!((refused.status, refused.error_code().as_str()), (400, code), "{property}");
    }
    let taken = host.credential("bob", &mut SecurityKey::new(1)).await;
    let refused = host.post(&format!("{WEBAUTHN}/{}", id(&pending)), ACME, made).await;
    assert_eq!(refused.error_code(), "credential_taken", "registered as {taken}");
}

/// R40: a credential is out of reach of other users.
#[tokio::test]
async fn credential_is_out_of_reach_of_others() {
    let host = Host::new().await;
    let id = host.credential("alice", &mut SecurityKey::new(1)).await;
    let path = format!("{WEBAUTHN}/{id}");
    let answer = json!({ "credential_id": "YQ", "client_data": "e30", "authenticator_data": "oA" });
    for token in ["bob", "globex"] {
        assert_eq!(host.get(&path, token).await.status, 404);
        assert_eq!(host.get(&format!("{path}?user_id=alice"), token).await.status, 404);
        assert_eq!(host.post(&path, token, answer.clone()).await.status, 404);
        assert_eq!(host.send("DELETE", &path, token, json!(null)).await.status, 404);
    }
    let two = json!({ "credential_id": "YQ", "client_data": "e30", "user_id": "bob" });
    assert_eq!(host.post(&format!("{path}?user_id=alice"), ACME, two).await.error_code(), "two_users");
    assert_eq!(host.get(&path, NOBODY).await.status, 401);
    assert_eq!(host.get(&path, ALICE).await.status, 200);
}

#[tokio::test]
async fn service_without_webauthn_names_the_reason() {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap()).build().await.unwrap();
    let principal = Principal::any_user();
    let api = Api::builder(challenges, StaticToken::new("a token of some length", principal));
    let api = api.public_base("https://api.example").build().unwrap();
    let request = |path: &str, body: serde_json::Value| {
        let request = Request::post(path).header("authorization", "Bearer a token of some length");
        request.body(Full::new(bytes::Bytes::from(body.to_string()))).unwrap()
    };
    let enrollment = json!({ "spec": { "user_id": "alice", "relying_party_id": "acme.example" } });
    let challenge = json!({ "spec": { "user_id": "alice", "challenge_type": "webauthn" } });
    for request in [request(WEBAUTHN, enrollment), request("/v1/challenges", challenge)] {
        let refused = api.respond(request).await;
        assert_eq!(refused.status(), 400);
        use http_body_util::BodyExt as _;
        let body = refused.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("webauthn_unavailable"), "{body:?}");
    }
}
