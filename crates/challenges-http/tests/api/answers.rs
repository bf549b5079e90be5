use serde_json::{Value, json};

use crate::host::{ACME, BROWSER, Host, NOBODY, link};

const PATH: &str = "/answers";

#[tokio::test]
async fn answer_data_is_returned_once() {
    let host = Host::new().await;
    let data = json!({ "token": "canary", "deep": { "list": [1, 0.1, null] }, "float": 5.327_493_816_275_1e-7 });
    let spec = json!({ "challenge_type": "code", "send_now": true, "answer_data": data });
    let created = host.challenge(spec).await;
    let (id, code) = (crate::host::id(&created), crate::host::text(&created["status"]["code"]));
    let query = format!("challenge_answer={code}&allowed=TRUE&challenge_type=code&challenge_uid=alice");
    let passed = host.answer(&id, &query).await;
    assert_eq!(passed.status, 200);
    let expected = json!({ "spec": { "answer": code, "challenge_id": id, "answer_data": data } });
    assert_eq!(passed.json(), expected);
    assert_eq!(host.answer(&id, &query).await.status, 400);
    assert_eq!(host.state(&id).await, "challenge_passed");
}

#[tokio::test]
async fn answer_data_is_returned_verbatim() {
    let host = Host::new().await;
    let data = r#"{"z":123456789012345678901234567890,"a":0.1000000000000000055511151231257827}"#;
    let body =
        format!(r#"{{"spec":{{"user_id":"alice","challenge_type":"code","send_now":true,"answer_data":{data}}}}}"#);
    let request = http::Request::post("/v1/challenges")
        .header("authorization", format!("Bearer {ACME}"))
        .body(http_body_util::Full::new(bytes::Bytes::from(body)))
        .unwrap();
    let created = host.request(request).await.json();
    let (id, code) = (crate::host::id(&created), crate::host::text(&created["status"]["code"]));
    let passed = host.answer(&id, &format!("challenge_answer={code}&allowed=true&challenge_type=code")).await;
    let text = std::str::from_utf8(&passed.body).unwrap();
    assert!(text.contains(data), "{text}");
}

#[tokio::test]
async fn declining_returns_no_answer_data() {
    let host = Host::new().await;
    let spec = json!({ "challenge_type": "code", "send_now": true, "answer_data": { "a": 1 } });
    let created = host.challenge(spec).await;
    let (id, code) = (crate::host::id(&created), crate::host::text(&created["status"]["code"]));
    let declined = host.answer(&id, &format!("challenge_answer={code}&allowed=False&challenge_type=code")).await;
    assert_eq!(declined.status, 200);
    assert_eq!(declined.json(), json!({ "spec": { "answer": code, "challenge_id": id } }));
    assert_eq!(host.state(&id).await, "challenge_declined");
}

/// R39: an answer can be posted in the request body.
#[tokio::test]
async fn answer_can_be_posted() {
    let host = Host::new().await;
    let (id, code) = host.code_challenge().await;
    let path = format!("/v1/challenges/{id}{PATH}");
    let body = |allowed: Value| json!({ "challenge_answer": code, "allowed": allowed, "challenge_type": "code" });
    for allowed in [Value::Null, json!("true"), json!(1)] {
        let refused = host.post(&path, NOBODY, body(allowed)).await;
        assert_eq!(refused.status, 400);
        assert!(refused.error_code() == "malformed_property", "{refused:?}");
    }
    assert_eq!(host.state(&id).await, "issued");
    assert_eq!(host.post(&path, NOBODY, body(json!(true))).await.status, 200);
    assert_eq!(host.state(&id).await, "challenge_passed");
}

/// R39: link previews, mail scanners and browser prefetches decide nothing.
#[tokio::test]
async fn head_or_missing_allowed_decides_nothing() {
    let host = Host::new().await;
    let action = host.action(&["alice"]).await;
    let approve = link(&action, 0, "approve_uri");
    let id = crate::host::id(&action["challenge"]);
    let bare = approve.replace("&allowed=true", "");
    for path in [bare.clone(), format!("{bare}&allowed="), format!("{bare}&allowed=1"), format!("{bare}&Allowed=true")]
    {
        assert_eq!(host.get(&path, NOBODY).await.status, 400, "{path}");
    }
    let untyped = approve.replace("&challenge_type=one_time_use_action", "");
    assert_eq!(host.get(&untyped, NOBODY).await.error_code(), "missing_parameter");
    assert_eq!(host.get(&format!("{approve}&allowed=false"), NOBODY).await.error_code(), "repeated_parameter");
    for method in ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"] {
        let refused = host.send(method, &approve, NOBODY, Value::Null).await;
        assert_eq!(refused.status, 405, "{method}");
        assert_eq!(refused.header("allow"), Some("GET, POST"));
    }
    assert_eq!(host.state(&id).await, "issued");
    // Control: the unchanged link decides.
    assert_eq!(host.get(&approve, NOBODY).await.status, 200);
    assert_eq!(host.state(&id).await, "challenge_passed");
}

/// R39: a browser that fetches a link ahead of a click decides nothing.
#[tokio::test]
async fn prefetch_decides_nothing() {
    let host = Host::new().await;
    let action = host.action(&["alice"]).await;
    let approve = link(&action, 0, "approve_uri");
    let id = crate::host::id(&action["challenge"]);
    let get = async |path: &str, name: &str, value: &str| {
        let request = http::Request::get(path).header(name, value);
        host.request(request.body(http_body_util::Full::new(bytes::Bytes::new())).unwrap()).await
    };
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prefetch;anonymous-client-ip"),
        ("purpose", "prefetch"),
        ("Purpose", "Prefetch"),
        ("x-purpose", "preview"),
        ("x-purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let refused = get(&approve, name, value).await;
        assert_eq!((refused.status, refused.error_code().as_str()), (400, "prefetch"), "{name}: {value}");
        assert_eq!(refused.header("cache-control"), Some("no-store"));
    }
    assert_eq!(host.state(&id).await, "issued");
    // Reading decides nothing, so a prefetch may read.
    assert_eq!(get(&format!("/v1/challenges/{id}"), "sec-purpose", "prefetch").await.status, 200);
    // Control: the same link decides for a person.
    assert_eq!(get(&approve, "sec-fetch-mode", "navigate").await.status, 200);
    assert_eq!(host.state(&id).await, "challenge_passed");
}

#[tokio::test]
async fn percent_encoded_ids_and_plus_are_decoded() {
    let host = Host::new().await;
    let body = json!({ "spec": { "user_id": "a b", "challenge_type": "code", "send_now": true } });
    let created = host.post("/v1/challenges", crate::host::ACME, body).await.json();
    let (id, code) = (crate::host::id(&created), crate::host::text(&created["status"]["code"]));
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let query = format!("challenge_answer={code}&allowed=True&challenge_type=code&challenge_uid=a+b");
    assert_eq!(host.answer(&encoded, &query).await.status, 200);
}

/// R4: a user's token creates and answers `code` challenges of its own. These answers do not help to
/// guess the codes of the service.
#[tokio::test]
async fn own_codes_clear_no_failures_of_others() {
    // Control: the fifth wrong code delays nobody.
    for (wrong, expected) in [(5, 200), (6, 400)] {
        let host = Host::with_short_codes().await;
        for guess in 1..=wrong {
            let spec = json!({ "spec": { "challenge_type": "code", "send_now": true } });
            let own = host.post("/v1/challenges", BROWSER, spec).await.json();
            let (own, code) = (crate::host::id(&own), crate::host::text(&own["status"]["code"]));
            let right = format!("challenge_answer={code}&allowed=true&challenge_type=code");
            assert_eq!(host.answer(&own, &right).await.status, 200, "before wrong code {guess}");
            let (id, _) = host.code_challenge().await;
            let wrong = format!("challenge_answer=x{guess}&allowed=true&challenge_type=code");
            assert_eq!(host.answer(&id, &wrong).await.status, 400);
        }
        let (id, code) = host.code_challenge().await;
        let right = format!("challenge_answer={code}&allowed=true&challenge_type=code");
        assert_eq!(host.answer(&id, &right).await.status, expected, "after {wrong} wrong codes");
    }
}
