use base64::prelude::{BASE64_STANDARD, Engine as _};
use challenges::Timestamp;
use challenges::time::{Clock as _, SystemClock};
use challenges_testkit::Authenticator;
use serde_json::{Value, json};

use crate::TOKEN;

/// A request, like the `curl` calls of the chapters.
#[derive(Clone, Copy, Default)]
pub(crate) struct Visit<'a> {
    pub(crate) path: &'a str,
    pub(crate) user: Option<&'a str>,
    pub(crate) cookie: Option<&'a str>,
    pub(crate) body: &'a str,
    read: bool,
}

impl Visit<'_> {
    pub(crate) fn method(&self) -> &'static str {
        if self.read { "GET" } else { "POST" }
    }

    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let authorization = match self.user {
            Some(user) => format!("Basic {}", BASE64_STANDARD.encode(user)),
            None => format!("Bearer {TOKEN}"),
        };
        let kind = if self.user.is_some() { "text/plain" } else { "application/json" };
        let mut headers = vec![("authorization", authorization), ("content-type", kind.to_owned())];
        headers.extend(self.cookie.map(|cookie| ("cookie", cookie.to_owned())));
        headers
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) cookie: Option<String>,
    pub(crate) body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Returns the codes of the current and of the next time step. Both are accepted now.
fn codes(key: &str) -> [String; 2] {
    let now = SystemClock.now();
    let next = Timestamp::from_seconds(now.as_seconds() + 30);
    let app = Authenticator::new(key).unwrap();
    [app.code(now), app.code(next)]
}

/// Follows the five-minute start.
pub(crate) async fn start(ask: impl AsyncFn(Visit<'_>) -> Reply) {
    let api = async |path: &str, body: Value| {
        let (path, body) = (format!("/v1/{path}"), body.to_string());
        ask(Visit { path: &path, body: &body, ..Visit::default() }).await
    };
    let created =
        api("challenges", json!({ "spec": { "user_id": "alice", "challenge_type": "code", "send_now": true } })).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.json()["metadata"]["id"].as_str().unwrap().to_owned();
    let code = created.json()["status"]["code"].as_str().unwrap().to_owned();
    let answer = json!({ "challenge_answer": code, "challenge_type": "code", "allowed": true });
    let answers = format!("challenges/{id}/answers");
    assert_eq!(api(&answers, answer.clone()).await.status, 200);
    assert_eq!(api(&answers, answer).await.status, 400, "a challenge is passed once");
    let path = format!("/v1/challenges/{id}");
    let read = ask(Visit { path: &path, read: true, ..Visit::default() }).await;
    assert_eq!(read.json()["status"]["state"], "challenge_passed");

    let enrolled = api("challenge_enrollment/totp", json!({ "spec": { "user_id": "alice" } })).await.json();
    let [first, next] = codes(enrolled["status"]["key"].as_str().unwrap());
    let enrollment = format!("challenge_enrollment/totp/{}", enrolled["metadata"]["id"].as_str().unwrap());
    assert_eq!(api(&enrollment, json!({ "answer": first })).await.status, 200);
    let created =
        api("challenges", json!({ "spec": { "user_id": "alice", "challenge_type": "totp", "send_now": true } })).await;
    let answers = format!("challenges/{}/answers", created.json()["metadata"]["id"].as_str().unwrap());
    let answer = |code: &str| json!({ "challenge_answer": code, "challenge_type": "totp", "allowed": true });
    assert_eq!(api(&answers, answer(&first)).await.status, 400, "the code is used up");
    assert_eq!(api(&answers, answer(&next)).await.status, 200);
}

/// Follows the chapter on logins.
pub(crate) async fn login(ask: impl AsyncFn(Visit<'_>) -> Reply) {
    const ALICE: Option<&str> = Some("alice:wonderland");
    const BOB: Option<&str> = Some("bob:builder");
    let visit = async |user, path: &str, body: &str, cookie: Option<&str>| {
        ask(Visit { path, user, cookie, body, ..Visit::default() }).await
    };
    assert_eq!(visit(Some("alice:guessed"), "/transfer", "", None).await.status, 401);
    let stopped = visit(ALICE, "/transfer", "", None).await;
    assert!(stopped.status == 401 && stopped.body.contains("step_up_needed"), "{stopped:?}");

    let enrolled = visit(ALICE, "/totp", "", None).await.json();
    let [first, next] = codes(enrolled["key"].as_str().unwrap());
    let enrollment = format!("/totp/{}", enrolled["id"].as_str().unwrap());
    assert_eq!(visit(BOB, &enrollment, &first, None).await.status, 404, "alice owns it");
    let other = visit(ALICE, "/totp", "", None).await.json();
    assert_eq!(visit(ALICE, "/step-up", "", None).await.status, 409, "alice has no completed enrollment");
    assert_eq!(visit(ALICE, &enrollment, &format!("{first}\n"), None).await.status, 200);
    assert_eq!(visit(ALICE, "/totp", "", None).await.status, 403, "a second app needs more than a session");
    let [code, _] = codes(other["key"].as_str().unwrap());
    let other = format!("/totp/{}", other["id"].as_str().unwrap());
    assert_eq!(visit(ALICE, &other, &code, None).await.status, 403, "a pending second app cannot be completed either");

    let step_up = format!("/step-up/{}", visit(ALICE, "/step-up", "", None).await.body);
    assert_eq!(visit(ALICE, &step_up, "wrong", None).await.status, 400);
    assert_eq!(visit(BOB, &step_up, &next, None).await.status, 400, "the challenge asks alice");
    assert_eq!(visit(ALICE, "/step-up/no-id", &next, None).await.status, 404);
    let passed = visit(ALICE, &step_up, &next, None).await;
    assert_eq!(passed.status, 200);
    let cookie = passed.cookie.unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(visit(ALICE, "/transfer", "", Some(&cookie)).await.body, "transferred for alice\n");
    assert_eq!(visit(BOB, "/transfer", "", Some(&cookie)).await.status, 401, "alice owns it");
}
