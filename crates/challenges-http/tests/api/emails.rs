//! `email` is a type of the API only where the host admits it, and no GET answers by it.

use challenges_core::endpoints::Address;
use challenges_core::outbox::Task;
use challenges_core::{ChallengeId, ChallengeSpec, ChallengeType, Owner};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;
use serde_json::json;

use crate::host::{ACME, Host, NOBODY, id};

fn alice() -> Owner {
    Owner::in_tenant("acme", "alice").unwrap()
}

async fn host(admitted: &[ChallengeType]) -> Host {
    let host = Host::with(MemoryStore::new(), |builder| builder.further_types(admitted.iter().copied())).await;
    for address in
        [Address::Email("alice@example.org".parse().unwrap()), Address::Phone("+4915112345678".parse().unwrap())]
    {
        host.challenges.endpoints().register_confirmed(alice(), &administrator(), address).await.unwrap();
    }
    host
}

/// Creates a challenge of the host itself, and returns the id and the secret of the message.
async fn sent(host: &Host, kind: ChallengeType) -> (ChallengeId, String) {
    let mut spec = ChallengeSpec::new(kind).unwrap();
    spec.response_uri = Some("https://pages.example/answer".parse().unwrap());
    let id = host.challenges.create(alice(), spec).await.unwrap().challenge.id();
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let entry = entries.into_iter().map(Result::unwrap).find(|entry| entry.challenge == Some(id)).unwrap();
    let Task::Deliver { secret, .. } = entry.task else { panic!("a message") };
    (id, secret.expose().to_owned())
}

/// R71: by default the type is unknown, and its secret answers nothing.
#[tokio::test]
async fn email_is_unknown_by_default() {
    for admitted in [&[][..], &[ChallengeType::RecoveryCode], &[ChallengeType::Email]] {
        let is_admitted = admitted.contains(&ChallengeType::Email);
        let host = host(admitted).await;
        let create = async |spec| host.post("/v1/challenges", ACME, json!({ "spec": spec })).await;
        let unknown = create(json!({ "user_id": "alice", "challenge_type": "e-mail" })).await;
        assert_eq!(unknown.status, 400);
        for spec in [
            json!({ "user_id": "alice", "challenge_type": "email" }),
            json!({ "user_id": "alice", "challenge_types": ["totp", "email"] }),
            json!({ "user_id": "alice", "challenge_type": "totp", "challenge_endpoints": [{ "type": "email" }] }),
        ] {
            let created = create(spec).await;
            assert_eq!(created.status, if is_admitted { 201 } else { 400 });
            assert!(is_admitted || created.body == unknown.body, "the type is unknown like any other");
        }
        let pending = id(&host.challenge(json!({ "challenge_type": "totp" })).await);
        let replacement = json!({ "spec": { "challenge_type": "email" } });
        let replaced = host.send("PUT", &format!("/v1/challenges/{pending}"), ACME, replacement).await;
        assert_eq!(replaced.status, if is_admitted { 200 } else { 400 });

        let (challenge, secret) = sent(&host, ChallengeType::Email).await;
        let path = format!("/v1/challenges/{challenge}/answers");
        let answer = |kind| json!({ "challenge_answer": secret, "challenge_type": kind, "allowed": true });
        for kind in ["sms", "web_push", "code"] {
            assert_eq!(host.post(&path, NOBODY, answer(kind)).await.status, 400, "{kind}");
        }
        assert_eq!(host.post(&path, NOBODY, answer("email")).await.status, if is_admitted { 200 } else { 400 });
    }
}

/// R39: scanners open the links of e-mails. The control is a text message, whose GET decides.
#[tokio::test]
async fn get_never_answers_by_email() {
    for (kind, status, state) in [(ChallengeType::Email, 400, "issued"), (ChallengeType::Sms, 200, "challenge_passed")]
    {
        let host = host(&[ChallengeType::Email]).await;
        let (challenge, secret) = sent(&host, kind).await;
        let id = challenge.to_string();
        for by in [kind.as_str(), "email"] {
            let query = format!("challenge_answer={secret}&allowed=true&challenge_type={by}");
            let reply = host.answer(&id, &query).await;
            if by == kind.as_str() {
                assert_eq!(reply.status, status, "{reply:?}");
            }
        }
        assert_eq!(host.state(&id).await, state);
        if kind == ChallengeType::Email {
            let wrong = host.answer(&id, "challenge_answer=x&allowed=true&challenge_type=sms").await;
            let query = format!("challenge_answer={secret}&allowed=true&challenge_type=email");
            assert_eq!(host.answer(&id, &query).await.body, wrong.body, "the response tells nothing");
            for decided in ["false", "true"] {
                let body =
                    json!({ "challenge_answer": secret, "challenge_type": "email", "allowed": decided == "true" });
                let posted = host.post(&format!("/v1/challenges/{id}/answers"), NOBODY, body).await;
                assert_eq!(posted.status, if decided == "false" { 200 } else { 400 });
            }
            assert_eq!(host.state(&id).await, "challenge_declined");
        }
    }
}
