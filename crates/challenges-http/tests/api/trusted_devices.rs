//! R67, R70: trusted devices are listed and revoked by the user with a step-up, and by services.

use bytes::Bytes;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Description, Owner, Passed, Purpose, Secret};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::host::{ACME, ALICE, Host, NOBODY, Reply, id};

const PATH: &str = "/v1/challenge_enrollment/trusted_devices";

/// Passes a challenge in the host's own code.
async fn pass(host: &Host, user: &str, purpose: Purpose) -> Passed {
    let owner = Owner::in_tenant("acme", user).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose);
    let created = host.challenges.create(owner, spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
    host.challenges.answer(answer).await.unwrap().passed().unwrap()
}

/// Trusts a browser. Returns the id of the device and the secret of the cookie.
async fn trust(host: &Host, user: &str, label: &str) -> (String, Secret) {
    let passed = pass(host, user, Purpose::new("login").unwrap()).await;
    let (device, secret) = host.challenges.devices().trust(&passed, Description::new(label).unwrap()).await.unwrap();
    host.clock.advance(1);
    (device.id().to_string(), secret)
}

async fn step_up(host: &Host, user: &str) -> String {
    let passed = pass(host, user, Purpose::manage_factors()).await;
    host.challenges.step_up().grant(&passed).unwrap().expose().to_owned()
}

async fn delete(host: &Host, path: &str, token: &str, step_up: Option<&str>) -> Reply {
    let mut request = Request::delete(path).header("authorization", format!("Bearer {token}"));
    if let Some(step_up) = step_up {
        request = request.header("Challenges-Step-Up", step_up);
    }
    host.request(request.body(Full::new(Bytes::new())).unwrap()).await
}

/// Returns the ids that a service lists.
async fn listed(host: &Host, user: &str) -> Vec<String> {
    let listed = host.get(&format!("{PATH}?user_id={user}"), ACME).await.json();
    listed["trusted_devices"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn devices_are_listed_without_secrets() {
    let host = Host::new().await;
    let (first, secret) = trust(&host, ALICE, "Firefox <b>").await;
    let (second, _) = trust(&host, ALICE, "Safari").await;
    trust(&host, "bob", "Chrome").await;
    let reply = host.get(PATH, ALICE).await;
    let expected = json!({
        "metadata": { "id": first, "created": "2023-11-14T22:13:20.000Z", "updated": "2023-11-14T22:13:20.000Z" },
        "spec": { "user_id": ALICE, "label": "Firefox <b>" },
        "status": { "used_at": "2023-11-14T22:13:20.000Z", "expires_at": "2023-12-14T22:13:20.000Z" },
    });
    let found = reply.json();
    assert_eq!((found["limit"].clone(), found["trusted_devices"][0].clone()), (json!(500), expected));
    assert_eq!(listed(&host, ALICE).await, [first.clone(), second]);
    for part in secret.expose().split('.') {
        assert!(part == first || !String::from_utf8_lossy(&reply.body).contains(part), "{part}");
    }
    let one = host.get(&format!("{PATH}?limit=1"), ALICE).await.json();
    assert_eq!((one["limit"].clone(), one["trusted_devices"].as_array().unwrap().len()), (json!(1), 1));
}

/// R40: only callers who may act for the user list and revoke the devices.
#[tokio::test]
async fn devices_are_out_of_reach_of_others() {
    let rows = [
        (ACME, "?user_id=alice", 200),
        (ACME, "?user_id=bob", 200),
        (ACME, "", 400),
        (ACME, "?user_id=", 400),
        (ACME, "?user_id=alice&limit=501", 400),
        ("service", "", 200),
        (ALICE, "", 200),
        (ALICE, "?user_id=alice", 200),
        (ALICE, "?user_id=bob", 404),
        ("bob", "", 200),
        ("bob", "?user_id=alice", 404),
        ("globex", "?user_id=alice", 200),
        (NOBODY, "", 401),
        ("wrong", "", 401),
    ];
    for (token, query, status) in rows {
        let host = Host::new().await;
        let (device, _) = trust(&host, ALICE, "Firefox").await;
        let reply = host.get(&format!("{PATH}{query}"), token).await;
        assert_eq!(reply.status, status, "{query} as {token}");
        let is_alices = matches!((token, query), (ACME, "?user_id=alice") | (ALICE, "" | "?user_id=alice"));
        if status == 200 {
            let count = usize::from(is_alices);
            assert_eq!(reply.json()["trusted_devices"].as_array().unwrap().len(), count, "{query} as {token}");
        }
        if query.contains("limit") {
            continue;
        }
        let step_up = step_up(&host, if token == "bob" { "bob" } else { ALICE }).await;
        let one = delete(&host, &format!("{PATH}/{device}{query}"), token, Some(&step_up)).await;
        let expected = match status {
            200 if is_alices => 204,
            200 => 404,
            refused => refused,
        };
        assert_eq!(one.status, expected, "DELETE {query} as {token}: {one:?}");
        if expected == 404 {
            let unknown = delete(&host, &format!("{PATH}/{}{query}", "0".repeat(40)), token, Some(&step_up)).await;
            assert_eq!((unknown.status, unknown.body), (404, one.body), "same as for an unknown id");
        }
        assert_eq!(listed(&host, ALICE).await.len(), usize::from(!is_alices), "after {query} as {token}");
        trust(&host, ALICE, "Safari").await;
        let before = listed(&host, ALICE).await.len();
        let all = delete(&host, &format!("{PATH}{query}"), token, Some(&step_up)).await;
        assert_eq!(all.status, if status == 200 { 204 } else { status }, "DELETE of all, {query} as {token}");
        assert_eq!(listed(&host, ALICE).await.len(), if is_alices { 0 } else { before }, "all, {query} as {token}");
    }
}

/// R67, R70: with the token of the session alone nobody revokes a device. A revoked device skips nothing. Control: with
/// a step-up, and by a service.
#[tokio::test]
async fn revoking_needs_a_step_up() {
    let login = Purpose::new("login").unwrap();
    let alice = Owner::in_tenant("acme", ALICE).unwrap();
    for (by_service, all) in [(false, false), (false, true), (true, false), (true, true)] {
        let host = Host::new().await;
        host.enrollment(ALICE).await;
        let (device, secret) = trust(&host, ALICE, "Firefox").await;
        let (_, other) = trust(&host, ALICE, "Safari").await;
        let path = if all { PATH.to_owned() } else { format!("{PATH}/{device}") };
        let (good, bobs) = (step_up(&host, ALICE).await, step_up(&host, "bob").await);
        for token in [None, Some("x"), Some(&bobs)] {
            let refused = delete(&host, &path, ALICE, token).await;
            assert_eq!((refused.status, refused.error_code().as_str()), (403, "step_up_needed"), "{token:?}");
        }
        assert_eq!(listed(&host, ALICE).await.len(), 2, "nothing was revoked");
        let done = match by_service {
            true => delete(&host, &format!("{path}?user_id=alice"), ACME, None).await,
            false => delete(&host, &path, ALICE, Some(&good)).await,
        };
        assert_eq!((done.status, done.body.len()), (204, 0), "{done:?}");
        let check = async |secret| host.challenges.devices().check(&alice, secret, &login).await.unwrap().is_some();
        assert_eq!((check(&secret).await, check(&other).await), (false, !all));
    }
}

/// A device is no enrollment: a wrong method is refused, and there is no way to add one.
#[tokio::test]
async fn devices_are_not_created_or_changed() {
    let host = Host::new().await;
    let (device, _) = trust(&host, ALICE, "Firefox").await;
    let one = format!("{PATH}/{device}");
    for (method, path, allowed) in
        [("POST", PATH, "GET, DELETE"), ("PUT", PATH, "GET, DELETE"), ("POST", &one, "DELETE"), ("GET", &one, "DELETE")]
    {
        let reply = host.send(method, path, ACME, Value::Null).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allowed)), "{method} {path}");
    }
}
