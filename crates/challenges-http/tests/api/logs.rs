//! R26: No log contains a body, an answer, a token or an address, at any level, in any operation.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use challenges_core::endpoints::Address;
use challenges_core::outbox::Task;
use challenges_core::{ChallengeSpec, ChallengeType, Owner};
use challenges_testkit::administrator;
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::host::{ACME, ALICE, DOWN, Host, NOBODY, action_of, id, link, text};

const CANARY: &str = "canary7Secret";
const PHONE: &str = "+4915199988877";

/// Captures the log of every test of this binary, because a subscriber of one thread misses callsites that another
/// thread reached first.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

fn log() -> &'static Log {
    static LOG: LazyLock<Log> = LazyLock::new(|| {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_span_events(FmtSpan::FULL);
        subscriber.without_time().with_ansi(false).with_writer(log.clone()).init();
        log
    });
    &LOG
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Returns bodies with the canary in every place: well-formed, of wrong types, and malformed.
fn bodies() -> Vec<Value> {
    let spec = json!({
        "user_id": "alice", "challenge_type": "code", "answer_data": { "a": CANARY }, "answer": CANARY,
        "relying_party_id": "acme.example", "attestation_format": CANARY, "http_endpoint": CANARY,
    });
    vec![
        json!({ "spec": spec, "answer": CANARY, "challenge_answer": CANARY, "challenge_type": "code", "allowed": true }),
        json!({ "spec": { "user_id": [CANARY], "challenge_type": CANARY, "response_uri": CANARY } }),
        json!({ "spec": CANARY, "answer": [CANARY], "credential_id": CANARY, "client_data": CANARY }),
        json!([CANARY]),
        json!(CANARY),
    ]
}

#[tokio::test]
async fn no_operation_logs_a_secret() {
    let log = log();
    let host = Host::new().await;
    let mut canaries = vec![CANARY.to_owned(), PHONE.to_owned(), PHONE[1..].to_owned()];
    let spec = json!({ "challenge_type": "code", "send_now": true, "answer_data": { "a": CANARY } });
    let code = host.challenge(spec).await;
    canaries.push(text(&code["status"]["code"]));
    let (totp, key) = host.pending_enrollment("alice").await;
    canaries.extend([key.clone(), host.totp(&key)]);
    let webauthn = id(&host.pending_credential("alice").await);
    let mut wanted = action_of(&["alice"]);
    wanted["spec"]["approved_actions"][0]["body"] = json!(CANARY);
    let action = host.post("/v1/challenges/one_time_use_actions", ACME, wanted).await.json();
    let approve = link(&action, 0, "approve_uri");
    canaries.push(approve.split("challenge_answer=").nth(1).unwrap()[..22].to_owned());
    let owner = || Owner::in_tenant("acme", "alice").unwrap();
    host.challenges
        .endpoints()
        .register_confirmed(owner(), &administrator(), Address::Phone(PHONE.parse().unwrap()))
        .await
        .unwrap();
    let page = "https://pages.example/".parse().unwrap();
    let sms = ChallengeSpec::new(ChallengeType::Sms).unwrap().with_response_uri(page);
    let sms = host.challenges.create(owner(), sms).await.unwrap().challenge.id().to_string();
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let secret = entries.iter().find_map(|entry| match &entry.as_ref().unwrap().task {
        Task::Deliver { secret, .. } => Some(secret.expose().to_owned()),
        _ => None,
    });
    let secret = secret.unwrap();
    canaries.push(secret.clone());

    let one = |id: &str| format!("/v1/challenges/{id}");
    let paths = [
        "/v1/challenges".to_owned(),
        "/v1/challenges/one_time_use_actions".to_owned(),
        one(&id(&code)),
        one(&sms),
        format!("{}/answers", one(&id(&code))),
        format!("{}/answers?challenge_answer={CANARY}&allowed={CANARY}&challenge_type={CANARY}", one(&sms)),
        format!(
            "{}/answers?challenge_answer={CANARY}&allowed=true&challenge_type=sms&challenge_uid={CANARY}",
            one(&sms)
        ),
        format!("{}/answers?challenge_answer={CANARY}&allowed=true&challenge_type=sms", one(&sms)),
        format!("/v1/challenges/{CANARY}"),
        "/v1/challenge_enrollment/totp".to_owned(),
        format!("/v1/challenge_enrollment/totp/{totp}?user_id={CANARY}"),
        format!("/v1/challenge_enrollment/totp/{totp}"),
        "/v1/challenge_enrollment/webauthn?limit=canary7Secret".to_owned(),
        format!("/v1/challenge_enrollment/webauthn/{webauthn}"),
    ];
    let mut answers = 0;
    for path in &paths {
        for token in [NOBODY, CANARY, DOWN, ALICE, ACME] {
            host.get(path, token).await;
            for body in bodies() {
                for method in ["POST", "PUT"] {
                    host.send(method, path, token, body.clone()).await;
                    answers += 1;
                }
            }
        }
    }
    let right = json!({ "challenge_answer": secret, "allowed": true, "challenge_type": "sms" });
    assert_eq!(host.post(&format!("{}/answers", one(&sms)), NOBODY, right).await.status, 200);
    assert_eq!(host.get(&approve, NOBODY).await.status, 200);
    for path in paths {
        host.send("DELETE", &path, ACME, Value::Null).await;
    }
    assert!(answers > 500);

    let logged = log.text();
    assert!(logged.contains("cannot check a bearer token"), "control: the log is captured");
    for canary in canaries {
        assert!(canary.len() >= 6);
        let line = logged.lines().find(|line| line.contains(&canary));
        assert!(line.is_none(), "{canary}: {line:?}");
    }
}
