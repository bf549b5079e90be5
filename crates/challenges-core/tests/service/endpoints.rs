use std::collections::BTreeSet;

use challenges_core::endpoints::{Address, PhoneNumber, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::{ChallengeSpec, ChallengeType, ChallengeTypes, EndpointId, EndpointRef, Error, Invalid, State};
use challenges_testkit::administrator;

use crate::harness::{Host, owner, passed, quiet, refused};

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
    let mut policy = quiet();
    policy.any_https_response_origin = true;
    Host::with_policy(policy).await
}

fn spec(kinds: &[ChallengeType]) -> ChallengeSpec {
    let types = ChallengeTypes::new(None, Some(kinds.to_vec())).unwrap();
    ChallengeSpec::new(types).unwrap().with_response_uri("https://app.example/answer?x=1".parse().unwrap())
}

#[tokio::test]
async fn one_link_is_queued_for_every_endpoint() {
    let host = host().await;
    for address in [phone("+4915112345678"), push(1), push(2)] {
        host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    }
    let kinds = [ChallengeType::Sms, ChallengeType::WebPush];
    let challenge = host.challenges.create(owner("alice"), spec(&kinds)).await.unwrap().challenge;
    assert_eq!(challenge.state(), State::Issued);
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    assert_eq!(entries.len(), 3);
    let mut secrets = BTreeSet::new();
    for entry in entries.into_iter().map(Result::unwrap) {
        assert_eq!(entry.challenge, Some(challenge.id()));
        let Task::Deliver { secret, link, .. } = entry.task else { panic!("a message") };
        let expected = format!(
            "https://app.example/answer?x=1&challenge_answer={}&challenge_uid=alice&challenge_id={}",
            secret.expose(),
            challenge.id()
        );
        assert_eq!(link.expose(), expected);
        secrets.insert(secret.expose().to_owned());
    }
    assert_eq!(secrets.len(), 1, "all links have the same secret");
    let secret = secrets.pop_first().unwrap();
    assert!(refused(host.answer(challenge.id(), ChallengeType::Code, &secret).await), "a type that is not offered");
    assert!(passed(host.answer(challenge.id(), ChallengeType::WebPush, &secret).await));
}

#[tokio::test]
async fn only_named_endpoints_receive_messages() {
    let with_type = |id: EndpointId| EndpointRef::from_parts(Some(&id.to_string()), Some(ChallengeType::Sms)).unwrap();
    for reference in [with_type, EndpointRef::endpoint] {
        let host = host().await;
        let endpoints = host.challenges.endpoints();
        let first =
            endpoints.register_confirmed(owner("alice"), &administrator(), phone("+4915112345678")).await.unwrap().id();
        endpoints.register_confirmed(owner("alice"), &administrator(), phone("+4915112345679")).await.unwrap();
        let spec = spec(&[ChallengeType::Sms]).with_endpoints(vec![reference(first)]);
        let _ = host.challenges.create(owner("alice"), spec).await.unwrap();
        let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
        let [Ok(entry)] = &entries[..] else { panic!("one message: {entries:?}") };
        assert!(matches!(entry.task, Task::Deliver { endpoint, .. } if endpoint == first));
    }
}

/// R34: a user has at most 16 endpoints of a type.
#[tokio::test]
async fn endpoints_belong_to_their_owner_and_are_capped() {
    let host = host().await;
    let endpoints = host.challenges.endpoints();
    let endpoint =
        endpoints.register_confirmed(owner("alice"), &administrator(), phone("+4915112345678")).await.unwrap();
    assert!(matches!(endpoints.delete(&owner("bob"), &administrator(), endpoint.id()).await, Err(Error::NotFound)));
    assert!(endpoints.list(&owner("bob"), None, 10).await.unwrap().is_empty());
    assert_eq!(endpoints.address(&endpoint).unwrap(), phone("+4915112345678"));
    for number in 0..16 {
        endpoints.register_push(owner("alice"), &administrator(), subscription(number)).await.unwrap();
    }
    let seventeenth = endpoints.register_push(owner("alice"), &administrator(), subscription(16)).await;
    assert!(matches!(seventeenth, Err(Error::Invalid(Invalid::TooMany { max: 16, .. }))));
    endpoints.delete(&owner("alice"), &administrator(), endpoint.id()).await.unwrap();
    assert_eq!(endpoints.list(&owner("alice"), None, 500).await.unwrap().len(), 16);
}

#[test]
fn malformed_addresses_are_refused() {
    for bad in ["", "4915112345678", "+0123456789", "+123456", "+1234567890123456", "+49 151 1234567", "+49151a234567"]
    {
        assert!(bad.parse::<PhoneNumber>().is_err(), "{bad}");
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

/// A short code under another type would not be rate limited.
#[tokio::test]
async fn short_code_answers_only_as_a_code() {
    let mut policy = quiet();
    policy.code_digits = Some(6);
    policy.any_https_response_origin = true;
    let host = Host::with_policy(policy).await;
    host.challenges
        .endpoints()
        .register_confirmed(owner("alice"), &administrator(), phone("+4915112345678"))
        .await
        .unwrap();
    let spec = spec(&[ChallengeType::Code, ChallengeType::Sms]);
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert!(refused(host.answer(id, ChallengeType::Sms, code.expose()).await));
    assert!(passed(host.answer(id, ChallengeType::Code, code.expose()).await));
}
