//! Proofs for the browser that started a challenge, while the user answers elsewhere.

use challenges_core::endpoints::Address;
use challenges_core::outbox::Task;
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Decision, Error, Purpose, Secret};
use challenges_testkit::administrator;
use futures::future::join_all;

use crate::harness::{Host, owner, passed};

fn purpose(name: &str) -> Purpose {
    Purpose::new(name).unwrap()
}

/// Returns a challenge of alice by phone, and the secret of the link.
async fn asked(host: &Host) -> (ChallengeId, Secret) {
    let spec = ChallengeSpec::new(ChallengeType::Sms).unwrap().with_purpose(purpose("login"));
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let entries = host.challenges.outbox().list(None, None, 500).await.unwrap();
    let secret = entries.iter().flatten().filter(|entry| entry.challenge == Some(id)).find_map(|entry| {
        let Task::Deliver { secret, .. } = &entry.task else { return None };
        Some(Secret::from(secret.expose()))
    });
    (id, secret.unwrap())
}

async fn host() -> Host {
    let host = Host::new().await;
    let number = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), number).await.unwrap();
    host
}

/// R42: the proof of a challenge passed by a link is handed out once, to the user and for the purpose.
#[tokio::test]
async fn proof_of_a_link_is_collected_once() {
    let host = host().await;
    let (id, secret) = asked(&host).await;
    let collect = |user: &'static str, name: &'static str| {
        let challenges = host.challenges.clone();
        async move { challenges.step_up().collect(id, &owner(user), &purpose(name)).await }
    };
    assert!(collect("alice", "login").await.unwrap().is_none(), "not answered");
    let answer = Answer::allow(id, ChallengeType::Sms, secret.expose());
    let answered = host.challenges.answer(answer).await.unwrap().passed().unwrap();
    for (user, name) in [("bob", "login"), ("alice", "transfer")] {
        assert!(matches!(collect(user, name).await, Err(Error::NotFound)), "{user} {name}");
    }
    let mut collected: Vec<_> = join_all((0..8).map(|_| collect("alice", "login"))).await;
    collected.retain(|result| result.as_ref().unwrap().is_some());
    assert_eq!(collected.len(), 1);
    let passed = collected.pop().unwrap().unwrap().unwrap();
    assert_eq!((passed.owner(), passed.evidence()), (&owner("alice"), answered.evidence()));
    let token = host.challenges.step_up().grant(&passed).unwrap();
    let age = std::time::Duration::from_secs(300);
    assert!(host.challenges.step_up().verify(&token, &owner("alice"), &purpose("login"), age).is_ok());
}

/// R42: a proof left behind, such as at a shared computer, is not handed out later.
#[tokio::test]
async fn proof_of_a_link_is_collected_soon() {
    for (seconds, is_collected) in [(0, true), (300, true), (301, false), (3_600, false)] {
        let host = host().await;
        let (id, secret) = asked(&host).await;
        let answer = Answer::allow(id, ChallengeType::Sms, secret.expose());
        assert!(passed(host.challenges.answer(answer).await));
        host.clock.advance(std::time::Duration::from_secs(seconds));
        for expected in [is_collected, false] {
            let collected = host.challenges.step_up().collect(id, &owner("alice"), &purpose("login")).await.unwrap();
            assert_eq!(collected.is_some(), expected, "{seconds} seconds after the answer");
        }
    }
}

/// R42: a declined challenge, and one answered at the host itself, give no second proof.
#[tokio::test]
async fn only_passed_links_are_collected() {
    let host = host().await;
    let (id, secret) = asked(&host).await;
    let decline = Answer::decline(id, ChallengeType::Sms, secret.expose());
    assert!(matches!(host.challenges.answer(decline).await.unwrap(), Decision::Declined(_)));
    assert!(host.challenges.step_up().collect(id, &owner("alice"), &purpose("login")).await.unwrap().is_none());

    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap().with_purpose(purpose("login"));
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    assert!(passed(host.answer(id, ChallengeType::Totp, &app.code(host.now())).await));
    assert!(host.challenges.step_up().collect(id, &owner("alice"), &purpose("login")).await.unwrap().is_none());
}

/// R28: a text of one use opens for no other use and no other service.
#[tokio::test]
async fn sealed_texts_open_at_their_place_only() {
    let host = host().await;
    let sealed = host.challenges.seal_text("cookie", "alice").unwrap();
    assert_eq!(host.challenges.open_text("cookie", &sealed).unwrap().expose(), "alice");
    assert!(!sealed.contains("alice"));
    assert!(matches!(host.challenges.open_text("other", &sealed), Err(Error::StepUp(_))));
    assert!(matches!(Host::new().await.challenges.open_text("cookie", &sealed), Err(Error::StepUp(_))));
    let token = Secret::from(sealed.as_str());
    let age = std::time::Duration::from_secs(300);
    assert!(host.challenges.step_up().verify(&token, &owner("alice"), &purpose("login"), age).is_err());
}
