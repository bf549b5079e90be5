//! R67: Changes of a user's factors need a step-up token, unless a service makes them.

use bytes::Bytes;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Owner, Policy, Purpose};
use challenges_testkit::webauthn::SecurityKey;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::host::{ACME, ALICE, Host, Reply, WEBAUTHN, id};

const TOTP: &str = "/v1/challenge_enrollment/totp";

/// The status and the code or text of every refusal for want of a step-up.
const REFUSED: &str = r#"{"error_code":"step_up_needed","error_message":"changing the factors of this user needs a step-up: pass a challenge for manage-factors; this API takes the token in the header Challenges-Step-Up"}"#;

/// Passes a challenge in the host's own code. Returns the step-up token.
async fn step_up(host: &Host, user: &str, purpose: Purpose) -> String {
    let owner = Owner::in_tenant("acme", user).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose);
    let created = host.challenges.create(owner, spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
    host.challenges.step_up().grant(&passed).unwrap().expose().to_owned()
}

async fn send(host: &Host, (method, path, body): (&str, &str, &Value), token: &str, step_ups: &[&str]) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    for step_up in step_ups {
        request = request.header("Challenges-Step-Up", *step_up);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    host.request(request.body(Full::new(Bytes::from(body))).unwrap()).await
}

/// R67, R40, R23: with the token of a user's session alone, no request changes a factor, and all refusals have the same
/// bytes. Control: the same requests with a step-up, and by a service.
#[tokio::test]
async fn session_token_alone_changes_no_factor() {
    for (by, admitted) in [("nothing", false), ("step-up", true), ("service", true)] {
        let host = Host::new().await;
        let (enrolled, _) = host.enrollment(ALICE).await;
        let (pending, key) = host.pending_enrollment(ALICE).await;
        let credential = host.pending_credential(ALICE).await;
        let response = host.made(&credential, &mut SecurityKey::new(1));
        let (enrolled, pending) = (format!("{TOTP}/{enrolled}"), format!("{TOTP}/{pending}"));
        let credential = format!("{WEBAUTHN}/{}", id(&credential));
        let manage = Purpose::manage_factors;
        let good = step_up(&host, ALICE, manage()).await;
        let bobs = step_up(&host, "bob", manage()).await;
        let other = step_up(&host, ALICE, Purpose::new("transfer").unwrap()).await;
        let changed = format!("{good}A");
        let spec = json!({ "spec": { "user_id": ALICE, "relying_party_id": "a.example" } });
        let answer = json!({ "answer": host.totp(&key) });
        let rows = [
            (("POST", TOTP, &spec), 201),
            (("POST", WEBAUTHN, &spec), 201),
            (("POST", pending.as_str(), &answer), 200),
            (("POST", &credential, &response), 200),
            (("DELETE", &enrolled, &Value::Null), 204),
            (("DELETE", &credential, &Value::Null), 204),
        ];
        for (request, status) in rows {
            for step_ups in [&[][..], &[""], &["x"], &[&bobs], &[&other], &[&changed], &[&good, &good]] {
                let reply = send(&host, request, ALICE, step_ups).await;
                assert_eq!((reply.status, &reply.body[..]), (403, REFUSED.as_bytes()), "{request:?} {step_ups:?}");
            }
            let reply = match by {
                "nothing" => continue,
                "step-up" => send(&host, request, ALICE, &[&good]).await,
                _ => send(&host, request, ACME, &[]).await,
            };
            assert_eq!(reply.status, status, "{request:?} by {by}: {reply:?}");
        }
        for path in [&enrolled, &credential] {
            assert_eq!(host.get(path, ALICE).await.status == 404, admitted, "{path} by {by}");
        }
        let listed = host.get(TOTP, ALICE).await.json();
        assert_eq!(listed["totp"].as_array().unwrap().len(), 2, "the two of the test, or the pending and a new one");
        assert_eq!(host.get(&pending, ALICE).await.json()["status"]["state"] == "success", admitted);
    }
}

/// R67: a step-up token is too old after `Policy::grant_age`.
#[tokio::test]
async fn step_up_token_gets_too_old() {
    let host = Host::new().await;
    host.enrollment(ALICE).await;
    let token = step_up(&host, ALICE, Purpose::manage_factors()).await;
    let spec = json!({ "spec": {} });
    host.clock.advance(Policy::default().grant_age.as_secs());
    assert_eq!(send(&host, ("POST", TOTP, &spec), ALICE, &[&token]).await.status, 201, "control");
    host.clock.advance(1);
    let late = send(&host, ("POST", TOTP, &spec), ALICE, &[&token]).await;
    assert_eq!((late.status, &late.body[..]), (403, REFUSED.as_bytes()));
}

/// R67: a user enrolls the first factor without a step-up. An enrollment left pending by then is not completed later.
#[tokio::test]
async fn first_factor_needs_no_step_up() {
    let host = Host::new().await;
    let spec = json!({ "spec": {} });
    let mut pending = Vec::new();
    for _ in 0..2 {
        // A token that is no longer good does not matter yet.
        let created = send(&host, ("POST", TOTP, &spec), ALICE, &["x"]).await.json();
        let answer = json!({ "answer": host.totp(created["status"]["key"].as_str().unwrap()) });
        pending.push((format!("{TOTP}/{}", id(&created)), answer));
    }
    let statuses = [200, 403];
    for ((path, answer), status) in pending.iter().zip(statuses) {
        assert_eq!(send(&host, ("POST", path, answer), ALICE, &[]).await.status, status);
    }
}

/// R69: a user does not remove the last factor. Control: a service does.
#[tokio::test]
async fn users_keep_their_last_factor() {
    let host = Host::new().await;
    let (enrolled, _) = host.enrollment(ALICE).await;
    let path = format!("{TOTP}/{enrolled}");
    let token = step_up(&host, ALICE, Purpose::manage_factors()).await;
    let refused = send(&host, ("DELETE", &path, &Value::Null), ALICE, &[&token]).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (400, "last_factor"));
    assert_eq!(send(&host, ("DELETE", &path, &Value::Null), ACME, &[]).await.status, 204);
}
