use challenges_core::{
    Address, ChallengeSpec, ChallengeType, CodeForm, EndpointRef, Error, Invalid, Policy, PushSubscription,
    ResponseOrigins, State, Task, Types,
};

use crate::harness::{Host, owner, passed, refused};

fn phone(digits: &str) -> Address {
    Address::Phone(digits.parse().unwrap())
}

fn subscription(number: usize) -> PushSubscription {
    let uri = format!("https://push.example/{number}");
    PushSubscription::new(&uri, &"A".repeat(87), &"A".repeat(22)).unwrap()
}

fn push(number: usize) -> Address {
    Address::Push(subscription(number))
}

async fn host() -> Host {
    let mut policy = Policy::default();
    policy.response_origins = ResponseOrigins::default().and_any_https();
    Host::with_policy(policy).await
}

fn spec(kinds: &[ChallengeType]) -> ChallengeSpec {
    let types = Types::new(None, Some(kinds.to_vec())).unwrap();
    ChallengeSpec::new(types).unwrap().with_response_uri("https://app.example/answer?x=1".parse().unwrap())
}

#[tokio::test]
async fn a_link_is_queued_for_every_endpoint_and_its_secret_answers_any_delivered_type() {
    let host = host().await;
    for address in [phone("+4915112345678"), push(1), push(2)] {
        host.challenges.register_vouched_endpoint(owner("alice"), address).await.unwrap();
    }
    let kinds = [ChallengeType::Sms, ChallengeType::WebPush];
    let challenge = host.challenges.create_challenge(owner("alice"), spec(&kinds)).await.unwrap().challenge;
    assert_eq!(challenge.state(), State::Issued);
    let entries = host.challenges.outbox(None, None, 10).await.unwrap();
    assert_eq!(entries.len(), 3);
    let mut secrets = std::collections::BTreeSet::new();
    for entry in entries.into_iter().map(Result::unwrap) {
        assert_eq!(entry.challenge, Some(challenge.id()));
        let Task::Deliver(delivery) = entry.task else { panic!("a delivery") };
        let expected = format!(
            "https://app.example/answer?x=1&challenge_answer={}&challenge_uid=alice&challenge_id={}",
            delivery.secret.expose(),
            challenge.id()
        );
        assert_eq!(delivery.link.expose(), expected);
        secrets.insert(delivery.secret.expose().to_owned());
    }
    assert_eq!(secrets.len(), 1, "one secret for all");
    let secret = secrets.pop_first().unwrap();
    assert!(refused(host.answer(challenge.id(), ChallengeType::Code, &secret).await), "a type that is not offered");
    assert!(passed(host.answer(challenge.id(), ChallengeType::WebPush, &secret).await));
}

#[tokio::test]
async fn only_named_endpoints_are_sent_to() {
    let host = host().await;
    let first = host.challenges.register_vouched_endpoint(owner("alice"), phone("+4915112345678")).await.unwrap();
    host.challenges.register_vouched_endpoint(owner("alice"), phone("+4915112345679")).await.unwrap();
    let named = vec![EndpointRef { endpoint: Some(first.id().to_string()), kind: Some(ChallengeType::Sms) }];
    let spec = spec(&[ChallengeType::Sms]).with_endpoints(named);
    let _ = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let entries = host.challenges.outbox(None, None, 10).await.unwrap();
    assert!(
        matches!(&entries[..], [Ok(entry)] if matches!(&entry.task, Task::Deliver(to) if to.endpoint == first.id()))
    );
}

#[tokio::test]
async fn endpoints_are_their_owners_alone_and_capped() {
    let host = host().await;
    let endpoint = host.challenges.register_vouched_endpoint(owner("alice"), phone("+4915112345678")).await.unwrap();
    assert!(matches!(host.challenges.delete_endpoint(&owner("bob"), endpoint.id()).await, Err(Error::NotFound)));
    assert!(host.challenges.endpoints(&owner("bob"), 10).await.unwrap().is_empty());
    assert_eq!(host.challenges.address(&endpoint).unwrap(), phone("+4915112345678"));
    for number in 0..16 {
        host.challenges.register_push(owner("alice"), subscription(number)).await.unwrap();
    }
    let seventeenth = host.challenges.register_push(owner("alice"), subscription(16)).await;
    assert!(matches!(seventeenth, Err(Error::Invalid(Invalid::TooMany { max: 16, .. }))), "r34");
    host.challenges.delete_endpoint(&owner("alice"), endpoint.id()).await.unwrap();
    assert_eq!(host.challenges.endpoints(&owner("alice"), 500).await.unwrap().len(), 16);
}

#[test]
fn malformed_addresses_are_refused() {
    for bad in ["", "4915112345678", "+0123456789", "+1234567", "+1234567890123456", "+49 151 1234567", "+49151a234567"]
    {
        assert!(bad.parse::<challenges_core::PhoneNumber>().is_err(), "{bad}");
    }
    let (key, auth) = ("A".repeat(87), "A".repeat(22));
    for (endpoint, key, auth) in [
        ("http://push.example/", &key, &auth),
        ("https://user@push.example/", &key, &auth),
        ("https://push.example/x#1", &key, &auth),
        ("https://push.example/", &auth, &auth),
        ("https://push.example/", &key, &key),
    ] {
        assert!(PushSubscription::new(endpoint, key, auth).is_err());
    }
}

#[tokio::test]
async fn a_short_code_answers_for_itself_alone() {
    let mut policy = Policy::default();
    policy.code = CodeForm::Digits(6);
    policy.response_origins = ResponseOrigins::default().and_any_https();
    let host = Host::with_policy(policy).await;
    host.challenges.register_vouched_endpoint(owner("alice"), phone("+4915112345678")).await.unwrap();
    let spec = spec(&[ChallengeType::Code, ChallengeType::Sms]);
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert!(refused(host.answer(id, ChallengeType::Sms, code.expose()).await), "it would be guessed a hundred times");
    assert!(passed(host.answer(id, ChallengeType::Code, code.expose()).await));
}
