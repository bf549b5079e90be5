use serde_json::{Value, json};

use crate::host::{ACME, ALICE, BROWSER, Host, NOBODY, action_of, id};

/// R40: reading, completing and deleting Alice's enrollment, by caller and named user.
#[tokio::test]
async fn enrollment_is_out_of_reach_of_others() {
    let rows = [
        ("acme", "", true),
        ("acme", "?user_id=alice", true),
        ("acme", "?user_id=bob", false),
        ("service", "", true),
        ("service", "?user_id=alice", true),
        ("service", "?user_id=service", false),
        ("alice", "", true),
        ("alice", "?user_id=alice", true),
        ("alice", "?user_id=bob", false),
        ("bob", "", false),
        ("bob", "?user_id=bob", false),
        ("bob", "?user_id=alice", false),
        ("globex", "", false),
        ("globex", "?user_id=alice", false),
        ("root", "", false),
        ("root", "?user_id=alice", false),
    ];
    for (token, query, allowed) in rows {
        let host = Host::new().await;
        let (enrollment, key) = host.pending_enrollment("alice").await;
        let path = format!("/v1/challenge_enrollment/totp/{enrollment}{query}");
        let expected = |status| if allowed { status } else { 404 };
        let read = host.get(&path, token).await;
        assert_eq!(read.status, expected(200), "GET {query} as {token}");
        let answer = json!({ "answer": host.totp(&key) });
        let completed = host.post(&path, token, answer).await;
        assert_eq!(completed.status, expected(200), "POST {query} as {token}");
        let deleted = host.send("DELETE", &path, token, Value::Null).await;
        // The user needs a step-up by now.
        let removes = allowed && token != ALICE;
        let status = if allowed && !removes { 403 } else { expected(204) };
        assert_eq!(deleted.status, status, "DELETE {query} as {token}");
        let own = format!("/v1/challenge_enrollment/totp/{enrollment}");
        let left = host.get(&own, ACME).await;
        assert_eq!(left.status, if removes { 404 } else { 200 }, "after {token}");
        if !allowed {
            assert_eq!(left.json()["status"], json!({ "state": "pending" }), "after {token}");
            let unknown = host.get(&format!("/v1/challenge_enrollment/totp/{}{query}", "0".repeat(40)), token).await;
            assert_eq!((unknown.status, unknown.body), (404, read.body), "same as for an unknown id");
        }
    }
}

/// R40: a user's token alone creates no actions. Control: a token with the right.
#[tokio::test]
async fn actions_need_an_explicit_right() {
    let host = Host::new().await;
    let create = |token| host.post("/v1/challenges/one_time_use_actions", token, action_of(&[ALICE]));
    let refused = create(BROWSER).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (403, "actions_out_of_reach"));
    assert_eq!(create(ALICE).await.status, 201);
}

#[tokio::test]
async fn lists_contain_only_reachable_enrollments() {
    let host = Host::new().await;
    let (enrollment, _) = host.enrollment("alice").await;
    let rows = [
        ("acme", "?user_id=alice", 200, 1),
        ("acme", "?user_id=bob", 200, 0),
        ("acme", "", 200, 1),
        ("globex", "", 200, 0),
        ("root", "", 200, 0),
        ("acme", "?user_id=", 400, 0),
        ("service", "", 200, 0),
        ("alice", "", 200, 1),
        ("alice", "?user_id=bob", 404, 0),
        ("bob", "", 200, 0),
        ("bob", "?user_id=alice", 404, 0),
        ("globex", "?user_id=alice", 200, 0),
        ("root", "?user_id=alice", 200, 0),
    ];
    for (token, query, status, count) in rows {
        let listed = host.get(&format!("/v1/challenge_enrollment/totp{query}"), token).await;
        assert_eq!(listed.status, status, "{query} as {token}");
        if status == 200 {
            let listed = listed.json();
            let ids: Vec<_> = listed["totp"].as_array().unwrap().iter().map(id).collect();
            assert_eq!(ids, vec![enrollment.clone(); count], "{query} as {token}");
        }
        let webauthn = host.get(&format!("/v1/challenge_enrollment/webauthn{query}"), token).await;
        assert_eq!(webauthn.status, status, "webauthn {query} as {token}");
    }
}

#[tokio::test]
async fn creating_for_other_users_is_forbidden() {
    let host = Host::new().await;
    let named =
        |user: &str| json!({ "spec": { "user_id": user, "challenge_type": "code", "relying_party_id": "a.example" } });
    let unnamed = json!({ "spec": { "challenge_type": "code" } });
    let rows = [
        ("acme", named("alice"), 201, "alice"),
        ("acme", unnamed.clone(), 400, ""),
        ("acme", named(""), 400, ""),
        ("acme", named(&"a".repeat(256)), 400, ""),
        ("acme", named("a\u{0}b"), 400, ""),
        ("service", unnamed.clone(), 201, "service"),
        ("alice", named("alice"), 201, "alice"),
        ("alice", unnamed, 201, "alice"),
        ("alice", named("bob"), 403, ""),
        (NOBODY, named("alice"), 401, ""),
    ];
    for (token, body, status, user) in rows {
        for path in ["/v1/challenges", "/v1/challenge_enrollment/totp"] {
            let reply = host.post(path, token, body.clone()).await;
            assert_eq!(reply.status, status, "{path} {body} as {token}: {reply:?}");
            if status == 201 {
                assert_eq!(reply.json()["spec"]["user_id"], user, "{path} as {token}");
            }
        }
    }
}

#[tokio::test]
async fn other_users_endpoint_is_refused() {
    let host = Host::new().await;
    let (bobs, _) = host.enrollment("bob").await;
    let spec = json!({ "user_id": "alice", "challenge_type": "totp", "challenge_endpoints": [{ "endpoint": bobs }] });
    assert_eq!(host.post("/v1/challenges", ACME, json!({ "spec": spec })).await.error_code(), "unknown_endpoint");
}

#[tokio::test]
async fn query_and_body_must_agree_on_user() {
    let host = Host::new().await;
    let (enrollment, key) = host.pending_enrollment("alice").await;
    let path = format!("/v1/challenge_enrollment/totp/{enrollment}");
    let answer = |user: &str| json!({ "answer": host.totp(&key), "user_id": user });
    let both = host.post(&format!("{path}?user_id=alice"), ACME, answer("bob")).await;
    assert_eq!(both.error_code(), "two_users");
    assert_eq!(host.post(&path, ACME, answer("bob")).await.status, 404);
    assert_eq!(host.post(&path, ACME, answer("alice")).await.status, 200);
}

/// R36: the scopes of an action never exceed the scopes of its creator.
#[tokio::test]
async fn creator_must_be_able_to_grant_scopes() {
    let host = Host::new().await;
    let rows = [
        ("acme", json!(["doors:open"]), 201),
        ("acme", json!([]), 201),
        ("acme", json!(["doors:open", "doors:melt"]), 403),
        ("acme", json!(["doors"]), 403),
        ("acme", json!(["Doors:open"]), 403),
        ("acme", json!([""]), 400),
        ("alice", json!(["doors:open"]), 403),
        ("alice", json!([]), 201),
        ("root", json!(["anything"]), 201),
    ];
    for (token, scopes, status) in rows {
        for actions in ["approved_actions", "declined_actions"] {
            let mut body = action_of(&["alice"]);
            body["spec"][actions][0]["scopes"] = scopes.clone();
            let reply = host.post("/v1/challenges/one_time_use_actions", token, body).await;
            assert_eq!(reply.status, status, "{scopes} of {actions} as {token}: {reply:?}");
        }
    }
}

/// R37: the creator receives the links of all actors, and so must be allowed to act for each of them.
#[tokio::test]
async fn creator_must_reach_every_actor() {
    let host = Host::new().await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = action_of(&["alice", "bob"]);
        change(&mut body["spec"]);
        body
    };
    let rows = [
        ("acme", with(&|_| {}), 201),
        ("alice", with(&|_| {}), 403),
        ("alice", action_of(&["alice"]), 201),
        ("globex", with(&|_| {}), 403),
        ("acme", with(&|spec| spec["actors"][1]["org_id"] = json!("globex")), 403),
        ("root", with(&|spec| spec["actors"][1]["org_id"] = json!("globex")), 201),
        ("acme", with(&|spec| spec["org_id"] = json!("acme")), 201),
        ("acme", with(&|spec| spec["org_id"] = json!("globex")), 403),
        ("acme", with(&|spec| spec["user_id"] = json!("carol")), 201),
        ("alice", with(&|spec| spec["user_id"] = json!("carol")), 403),
        ("acme", with(&|spec| spec["actors"][1]["user_id"] = json!("alice")), 400),
        ("acme", with(&|spec| spec["actors"] = json!([])), 400),
        ("acme", with(&|spec| spec["actors"] = json!(null)), 400),
        ("acme", with(&|spec| spec["actors"][0]["user_id"] = json!("\u{e9}".repeat(127))), 201),
        ("acme", with(&|spec| spec["timeout_seconds"] = json!(null)), 400),
    ];
    for (token, body, status) in rows {
        let reply = host.post("/v1/challenges/one_time_use_actions", token, body.clone()).await;
        assert_eq!(reply.status, status, "{body} as {token}: {reply:?}");
        if status == 201 {
            let created = reply.json();
            for detail in created["answer_details"].as_array().unwrap() {
                for name in ["approve_uri", "decline_uri"] {
                    assert!(detail[name].as_str().unwrap().len() <= 1_024);
                }
            }
        }
    }
}
