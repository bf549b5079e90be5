use challenges_testkit::webauthn::SecurityKey;
use serde_json::{Value, json};

use crate::host::{ACME, Host, NOBODY, Reply, id, link, text};

/// R23: all refused answers give the same response, in body and headers. The observer confirms the reason of each row.
#[tokio::test]
async fn refused_answers_give_identical_responses() {
    let mut replies = Vec::new();
    for (reason, host, challenge, query) in refusals().await {
        let reply = host.answer(&challenge, &query).await;
        assert_eq!(host.reasons.last(), reason, "{query}");
        replies.push((query, reply));
        let body = as_body(&replies.last().unwrap().0);
        let posted = host.post(&format!("/v1/challenges/{challenge}/answers"), NOBODY, body).await;
        replies.push(("the same answer, posted".to_owned(), posted));
    }
    assert!(replies.len() >= 2 * 18);
    let (_, first) = &replies[0];
    assert_eq!(first.status, 400);
    assert_eq!(first.json()["error_message"], "No particular reason will be given");
    for (query, reply) in &replies {
        assert!(same(first, reply), "{query}: {reply:?}");
    }
}

/// Control: the comparison detects differences.
#[tokio::test]
async fn other_responses_differ() {
    let host = Host::new().await;
    let (challenge, code) = host.code_challenge().await;
    let wrong = host.answer(&challenge, "challenge_answer=x&allowed=true&challenge_type=code").await;
    let others = [
        host.answer(&challenge, "challenge_answer=x&challenge_type=code").await,
        host.answer(&"0".repeat(40), "challenge_answer=x&allowed=true&challenge_type=code").await,
        host.answer(&challenge, &format!("challenge_answer={code}&allowed=true&challenge_type=code")).await,
    ];
    assert!(others.iter().all(|other| !same(&wrong, other)));
    let mut marked = wrong.clone();
    marked.headers.insert("x-extra", "1".parse().unwrap());
    assert!(!same(&wrong, &marked));
}

fn same(one: &Reply, other: &Reply) -> bool {
    one.status == other.status && one.headers == other.headers && one.body == other.body
}

fn as_body(query: &str) -> Value {
    let mut body = json!({});
    for (name, value) in query.split('&').map(|pair| pair.split_once('=').unwrap()) {
        body[name] = if name == "allowed" { json!(value == "true") } else { json!(value) };
    }
    body
}

/// Returns one row for each refusal: reason, host, challenge id and answer. Each row has a host of its own.
async fn refusals() -> Vec<(&'static str, Host, String, String)> {
    let mut all = Vec::new();
    let by_code = |answer: &str| format!("challenge_answer={answer}&allowed=true&challenge_type=code");
    let by_totp = |answer: &str| format!("challenge_answer={answer}&allowed=true&challenge_type=totp");
    let totp_spec = json!({ "challenge_type": "totp", "send_now": true });

    for (reason, query) in [
        ("Wrong", by_code("wrong")),
        ("Wrong", "challenge_answer=wrong&allowed=false&challenge_type=code".to_owned()),
        ("TypeNotOffered", by_totp("123456")),
        ("TypeNotOffered", "challenge_answer={}&allowed=true&challenge_type=webauthn".to_owned()),
        ("TypeNotOffered", "challenge_answer=x&allowed=true&challenge_type=carrier_pigeon".to_owned()),
        ("Wrong", by_code("")),
        ("OtherUser", format!("{}&challenge_uid=bob", by_code("x"))),
        ("OtherUser", format!("{}&challenge_uid=", by_code("x"))),
    ] {
        let host = Host::new().await;
        let (challenge, _) = host.code_challenge().await;
        all.push((reason, host, challenge, query));
    }

    let host = Host::new().await;
    let (challenge, code) = host.code_challenge().await;
    all.push(("OtherUser", host, challenge, format!("{}&challenge_uid=bob", by_code(&code))));

    let host = Host::new().await;
    let (_, code) = host.code_challenge().await;
    let (other, _) = host.code_challenge().await;
    all.push(("Wrong", host, other, by_code(&code)));

    for is_known in [true, false] {
        let host = Host::new().await;
        let mut key = SecurityKey::new(1);
        let credential = host.credential("alice", &mut key).await;
        let (challenge, mut assertion) = host.assertion(&credential, &mut key).await;
        match is_known {
            true => assertion.signature.reverse(),
            false => assertion.id.reverse(),
        }
        let answer = assertion.answer_base64url();
        all.push(("Wrong", host, challenge, format!("challenge_answer={answer}&allowed=true&challenge_type=webauthn")));
    }

    let host = Host::new().await;
    let pending = host.challenge(json!({ "challenge_type": "code" })).await;
    all.push(("Pending", host, id(&pending), by_code(&text(&pending["status"]["code"]))));

    for allowed in [true, false] {
        let host = Host::new().await;
        let (challenge, code) = host.code_challenge().await;
        let query = format!("challenge_answer={code}&allowed={allowed}&challenge_type=code");
        assert_eq!(host.answer(&challenge, &query).await.status, 200);
        all.push(("Final", host, challenge, query));
    }

    let host = Host::new().await;
    let (challenge, code) = host.code_challenge().await;
    host.clock.advance(600);
    all.push(("TimedOut", host, challenge, by_code(&code)));

    let host = Host::new().await;
    let failed = id(&host.challenge(totp_spec.clone()).await);
    assert_eq!(host.state(&failed).await, "challenge_failed");
    all.push(("Final", host, failed, by_totp("123456")));

    let host = Host::new().await;
    let (challenge, code) = host.code_challenge().await;
    for guess in 0..100 {
        assert_eq!(host.answer(&challenge, &by_code(&format!("wrong{guess}"))).await.status, 400);
    }
    all.push(("Exhausted", host, challenge, by_code(&code)));

    let host = Host::new().await;
    let (challenge, _) = host.code_challenge().await;
    assert_eq!(host.answer(&challenge, &by_code("wrong")).await.status, 400);
    all.push(("Repeated", host, challenge, by_code("wrong")));

    let host = Host::new().await;
    let _ = host.enrollment("alice").await;
    let challenge = id(&host.challenge(totp_spec.clone()).await);
    all.push(("NothingToCompare", host, challenge, by_totp("12345")));

    let host = Host::new().await;
    let (_, key) = host.enrollment("alice").await;
    let first = id(&host.challenge(totp_spec.clone()).await);
    let second = id(&host.challenge(totp_spec.clone()).await);
    assert_eq!(host.answer(&first, &by_totp(&host.totp(&key))).await.status, 200);
    let used = by_totp(&host.totp(&key));
    all.push(("Wrong", host, second, used));

    let host = Host::new().await;
    let (_, key) = host.enrollment("alice").await;
    for _ in 0..2 {
        let challenge = id(&host.challenge(totp_spec.clone()).await);
        for guess in 0..3 {
            let wrong = by_totp(&format!("00000{guess}"));
            assert_eq!(host.answer(&challenge, &wrong).await.status, 400);
        }
    }
    let delayed = id(&host.challenge(totp_spec).await);
    let right = by_totp(&host.totp(&key));
    all.push(("Delayed", host, delayed, right));

    for (name, change) in
        [("approve_uri", ("allowed=true", "allowed=false")), ("decline_uri", ("allowed=false", "allowed=true"))]
    {
        let host = Host::new().await;
        let action = host.action(&["alice"]).await;
        let query = query_of(&link(&action, 0, name)).replace(change.0, change.1);
        all.push(("Wrong", host, id(&action["challenge"]), query));
    }
    for (uid, reason) in [("bob", "Wrong"), ("mallory", "OtherUser")] {
        let host = Host::new().await;
        let action = host.action(&["alice", "bob"]).await;
        let query =
            query_of(&link(&action, 0, "approve_uri")).replace("challenge_uid=alice", &format!("challenge_uid={uid}"));
        all.push((reason, host, id(&action["challenge"]), query));
    }

    let host = Host::new().await;
    let (enrollment, key) = host.enrollment("alice").await;
    let spec = json!({ "challenge_type": "totp", "send_now": true });
    let challenge = id(&host.challenge(spec).await);
    let path = format!("/v1/challenge_enrollment/totp/{enrollment}");
    assert_eq!(host.send("DELETE", &path, ACME, Value::Null).await.status, 204);
    let right = by_totp(&host.totp(&key));
    all.push(("NothingToCompare", host, challenge, right));
    all
}

fn query_of(link: &str) -> String {
    link.split_once('?').unwrap().1.to_owned()
}
