use challenges_core::outbox::{Errand, Failure, Job, Retry};
use challenges_core::{ChallengeSpec, ChallengeType, Courier, Owner};
use serde_json::{Value, json};

use crate::host::{ACME, Host, NOBODY, action_of, id, text};

const DATA: &str = "canary-answer-data";
const ACTION: &str = "canary-action-body";

/// R27: only the first response contains codes, keys, links and answer data.
#[tokio::test]
async fn later_responses_contain_no_secret() {
    let host = Host::new().await;
    let mut canaries = vec![DATA.to_owned(), ACTION.to_owned()];
    let mut first = Vec::new();
    let mut later = Vec::new();

    let mut challenges = Vec::new();
    for send_now in [false, true] {
        let spec = json!({ "challenge_types": ["code"], "send_now": send_now, "answer_data": { "canary": DATA } });
        let created = host.challenge(spec).await;
        assert!(!created.to_string().contains(DATA));
        canaries.push(text(&created["status"]["code"]));
        challenges.push(id(&created));
        first.push(created.to_string());
    }
    let (enrollment, key) = host.pending_enrollment("alice").await;
    first.push(key.clone());
    canaries.push(key.clone());
    let mut wanted = action_of(&["alice", "bob"]);
    wanted["spec"]["approved_actions"][0]["body"] = json!(ACTION);
    let action = host.post("/v1/challenges/one_time_use_actions", ACME, wanted).await.json();
    first.push(action.to_string());
    for detail in action["answer_details"].as_array().unwrap() {
        for name in ["approve_uri", "decline_uri"] {
            let uri = text(&detail[name]);
            canaries.push(uri.split("challenge_answer=").nth(1).unwrap()[..22].to_owned());
        }
    }
    challenges.push(id(&action["challenge"]));

    let totp = format!("/v1/challenge_enrollment/totp/{enrollment}");
    later.push(host.get(&totp, ACME).await);
    later.push(host.post(&totp, ACME, json!({ "answer": "000000" })).await);
    later.push(host.post(&totp, ACME, json!({ "answer": host.totp(&key) })).await);
    later.push(host.get(&totp, ACME).await);
    later.push(host.get("/v1/challenge_enrollment/totp?user_id=alice", ACME).await);
    for id in &challenges {
        let path = format!("/v1/challenges/{id}");
        later.push(host.get(&path, NOBODY).await);
        let body = later.last().unwrap().json();
        later.push(host.send("PUT", &path, NOBODY, body).await);
        for kind in ["code", "one_time_use_action", "totp", "nothing"] {
            let query = format!("challenge_answer=wrong&allowed=true&challenge_type={kind}");
            later.push(host.answer(id, &query).await);
        }
        let misplaced = json!({ "spec": { "challenge_type": "code", "answer_data": DATA, "user_id": 7 } });
        later.push(host.send("PUT", &path, NOBODY, misplaced).await);
        let misplaced = json!({ "challenge_answer": [canaries[2]], "allowed": canaries[2] });
        later.push(host.post(&format!("{path}/answers"), NOBODY, misplaced).await);
        let misplaced = format!("challenge_answer={0}&challenge_answer={0}", canaries[2]);
        later.push(host.answer(id, &misplaced).await);
    }
    let query = format!("challenge_answer={}&allowed=false&challenge_type=code", canaries[3]);
    assert_eq!(host.answer(&challenges[1], &query).await.status, 200);
    for id in &challenges {
        let path = format!("/v1/challenges/{id}");
        later.push(host.get(&path, NOBODY).await);
        later.push(host.send("DELETE", &path, NOBODY, Value::Null).await);
        later.push(host.get(&path, NOBODY).await);
    }
    later.push(host.send("DELETE", &totp, ACME, Value::Null).await);

    assert_eq!(canaries.len(), 9);
    assert!(later.len() > 40);
    for reply in &later {
        let shown = format!("{:?} {}", reply.headers, String::from_utf8_lossy(&reply.body));
        for canary in &canaries {
            assert!(!shown.contains(canary.as_str()), "{canary} in {shown}");
        }
    }
    // Control: each canary except the answer data was in a first response.
    for canary in &canaries[1..] {
        assert!(first.iter().any(|shown| shown.contains(canary.as_str())), "{canary}");
    }
}

/// Control of the previous test: the accepted answer returns the data.
#[tokio::test]
async fn accepted_answer_returns_the_data() {
    let host = Host::new().await;
    let spec = json!({ "challenge_type": "code", "send_now": true, "answer_data": { "canary": DATA } });
    let created = host.challenge(spec).await;
    let query = format!("challenge_answer={}&allowed=true&challenge_type=code", text(&created["status"]["code"]));
    assert!(host.answer(&id(&created), &query).await.json().to_string().contains(DATA));
}

/// A courier with a unique response status.
#[derive(Debug)]
struct Canary;

const STATUS: u16 = 477;

#[async_trait::async_trait]
impl Courier for Canary {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        match &job.errand {
            Errand::Act { action, .. } if action.uri().ends_with("fail") => {
                Err(Failure::new(Retry::Never, "canary-reason").with_status(STATUS))
            }
            _ => Ok(Some(STATUS)),
        }
    }
}

fn tells(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64() == Some(STATUS.into()),
        Value::Array(values) => values.iter().any(tells),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains("result") || tells(value)),
        _ => false,
    }
}

/// R33: action results would reveal which internal hosts the service can reach.
#[tokio::test]
async fn action_results_are_in_no_response() {
    let host = Host::new().await;
    let mut wanted = action_of(&["alice"]);
    let mut failing = wanted["spec"]["approved_actions"][0].clone();
    failing["uri"] = json!("https://a.example/fail");
    wanted["spec"]["approved_actions"].as_array_mut().unwrap().push(failing);
    let created = host.post("/v1/challenges/one_time_use_actions", ACME, wanted).await.json();
    let uri = text(&created["answer_details"][0]["approve_uri"]);
    let answered = host.get(uri.strip_prefix("https://api.example/mfa").unwrap(), NOBODY).await;
    assert_eq!(answered.status, 200);
    let done = host.challenges.outbox().dispatch(&Canary, 10).await.unwrap();
    assert!(done.performed > 0 && done.dead == 1);
    let id = id(&created["challenge"]);
    let path = format!("/v1/challenges/{id}");
    for reply in [
        host.get(&path, NOBODY).await,
        host.send("PUT", &path, NOBODY, created["challenge"].clone()).await,
        host.get(uri.strip_prefix("https://api.example/mfa").unwrap(), NOBODY).await,
    ] {
        assert!(!tells(&reply.json()) && !String::from_utf8_lossy(&reply.body).contains("canary-reason"), "{reply:?}");
    }
    // Control: the host sees the results.
    let results = host.challenges.actions().results(id.parse().unwrap()).await.unwrap();
    assert!(results.iter().all(|result| result.status == Some(STATUS)));
    assert_eq!(results.len(), done.performed + done.dead);
    assert!(tells(&json!([{ "a": STATUS }])) && tells(&json!({ "action_results": [] })));
}

/// Descriptions are for the pages of the host. The API has no such property.
#[tokio::test]
async fn descriptions_are_in_no_response() {
    const ABOUT: &str = "canary-description";
    let host = Host::new().await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_description(ABOUT.parse().unwrap());
    let owner = Owner::user("alice").unwrap();
    let created = host.challenges.create(owner, spec).await.unwrap();
    let path = format!("/v1/challenges/{}", created.challenge.id());
    let read = host.get(&path, NOBODY).await;
    let replaced = host.send("PUT", &path, NOBODY, read.json()).await;
    for reply in [read, replaced] {
        assert_eq!(reply.status, 200);
        assert!(!String::from_utf8_lossy(&reply.body).contains(ABOUT), "{reply:?}");
    }
    let stored = host.challenges.get(created.challenge.id()).await.unwrap();
    assert_eq!(stored.description().map(ToString::to_string).as_deref(), Some(ABOUT), "control");
}
