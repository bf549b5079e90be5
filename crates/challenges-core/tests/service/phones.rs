use std::time::Duration;

use challenges_core::machine::Refused;
use challenges_core::{
    Address, ChallengeSpec, ChallengeType, DropReason, EndpointId, EndpointRef, Error, Factor, Invalid, PhoneNumber,
    PushSubscription, State, Task,
};

use crate::courier::{Scripted, What};
use crate::harness::{Host, Seen, owner};

const COOL_DOWN: Duration = Duration::from_secs(30);

fn number() -> PhoneNumber {
    "+4915112345678".parse().unwrap()
}

async fn register(host: &Host) -> EndpointId {
    let endpoint = host.challenges.register_phone(owner("alice"), number()).await.unwrap();
    assert!(!endpoint.is_confirmed());
    endpoint.id()
}

/// The code of the newest message in the outbox.
async fn code(host: &Host) -> String {
    let entries = host.challenges.outbox(None, None, 10).await.unwrap();
    let newest = entries.iter().map(|entry| entry.as_ref().unwrap()).max_by_key(|entry| entry.id).unwrap();
    let Task::Confirm(confirmation) = &newest.task else { panic!("a code") };
    confirmation.code.expose().to_owned()
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

async fn confirm(host: &Host, id: EndpointId, code: &str) -> Result<(), Option<Invalid>> {
    match host.challenges.confirm_endpoint(&owner("alice"), id, &code.into()).await {
        Ok(endpoint) => {
            assert!(endpoint.is_confirmed());
            Ok(())
        }
        Err(Error::Invalid(invalid)) => Err(Some(invalid)),
        Err(_) => Err(None),
    }
}

async fn challenge(host: &Host) -> State {
    let spec = ChallengeSpec::new(ChallengeType::Sms).unwrap();
    host.challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge.state()
}

#[tokio::test]
async fn a_phone_number_is_challenged_once_the_code_that_was_sent_to_it_came_back() {
    let host = Host::new().await;
    let id = register(&host).await;
    assert_eq!(challenge(&host).await, State::ChallengeFailed, "it is not used before");
    let named = EndpointRef { endpoint: Some(id.to_string()), kind: None };
    let spec = ChallengeSpec::new(ChallengeType::Sms).unwrap().with_endpoints(vec![named]);
    let refused = host.challenges.create_challenge(owner("alice"), spec).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::UnknownEndpoint))));
    let code = code(&host).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!host.dump().await.contains(&code), "r30: neither the code nor an unkeyed hash is stored");
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 1);
    let [effect] = &courier.done()[..] else { panic!("one message") };
    let What::Code { to, code: sent, remaining } = &effect.what else { panic!("{effect:?}") };
    assert_eq!((to.as_str(), sent.as_str(), remaining.as_secs()), ("+4915112345678", code.as_str(), 600));
    assert_eq!(confirm(&host, id, &code).await, Ok(()));
    assert_eq!(challenge(&host).await, State::Issued);
}

#[tokio::test]
async fn r7_codes_are_guessable_and_counted_per_number_and_user() {
    let host = Host::new().await;
    let id = register(&host).await;
    let sent = code(&host).await;
    assert_eq!(confirm(&host, id, wrong(&sent)).await, Err(Some(Invalid::ConfirmationCode)));
    host.seen.take();
    assert!(confirm(&host, id, wrong(&sent)).await.is_err());
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Repeated)]);
    for guess in 1..5 {
        assert!(confirm(&host, id, &format!("wrong {guess}")).await.is_err());
    }
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Phone).await.unwrap(), 5);
    host.seen.take();
    assert!(confirm(&host, id, &sent).await.is_err(), "r3: five wrong ones use it up");
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
    host.clock.advance(COOL_DOWN);
    let resent = host.challenges.resend_confirmation(&owner("alice"), id).await;
    assert!(matches!(resent, Err(Error::Invalid(Invalid::NoConfirmationExpected))), "r19: nor does another code help");

    // R4: removing and registering the number again does not clear the count of the user.
    host.challenges.delete_endpoint(&owner("alice"), id).await.unwrap();
    let id = register(&host).await;
    assert!(confirm(&host, id, "wrong").await.is_err());
    host.seen.take();
    let sent = code(&host).await;
    assert!(confirm(&host, id, &sent).await.is_err());
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)]);
    host.clock.advance(COOL_DOWN);
    assert_eq!(confirm(&host, id, &sent).await, Ok(()), "r8: it is a delay, no lock");
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Phone).await.unwrap(), 0);
}

#[tokio::test]
async fn r19_another_code_replaces_the_first_and_is_sent_no_more_often_than_the_cap() {
    let host = Host::new().await;
    let id = register(&host).await;
    let first = code(&host).await;
    let resend = async || host.challenges.resend_confirmation(&owner("alice"), id).await;
    assert!(matches!(resend().await, Err(Error::Invalid(Invalid::TooManyMessages { wait: 30 }))));
    host.clock.advance(COOL_DOWN);
    resend().await.unwrap();
    let second = code(&host).await;
    let courier = Scripted::new(&host.clock, []);
    host.seen.take();
    let done = host.challenges.dispatch(&courier, 10).await.unwrap();
    if first != second {
        assert_eq!((done.performed, done.dropped), (1, 1));
        assert!(host.seen.take().contains(&Seen::Dropped(DropReason::Superseded)));
        assert!(confirm(&host, id, &first).await.is_err());
    }
    assert_eq!(confirm(&host, id, &second).await, Ok(()));
    assert!(matches!(resend().await, Err(Error::Invalid(Invalid::NoConfirmationExpected))));

    let host = Host::new().await;
    let mut sent = 0;
    for _ in 0..100 {
        sent += usize::from(host.challenges.register_phone(owner("alice"), number()).await.is_ok());
        host.clock.advance(COOL_DOWN);
    }
    assert_eq!(sent, 10);
    assert_eq!(host.challenges.endpoints(&owner("alice"), 10).await.unwrap().len(), 1, "one record");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_a_number_waits_for_an_hour() {
    let host = Host::new().await;
    let id = register(&host).await;
    let sent = code(&host).await;
    host.clock.advance(Duration::from_secs(600));
    assert!(confirm(&host, id, &sent).await.is_err());
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dropped, 1);
    host.challenges.resend_confirmation(&owner("alice"), id).await.unwrap();
    let sent = code(&host).await;
    host.clock.advance(Duration::from_secs(3_000));
    assert!(confirm(&host, id, &sent).await.is_err());
    assert!(host.challenges.endpoints(&owner("alice"), 10).await.unwrap().is_empty());
    register(&host).await;
}

#[tokio::test]
async fn a_number_is_its_owners_and_a_confirmed_one_is_not_asked_about_again() {
    let host = Host::new().await;
    let id = register(&host).await;
    let sent = code(&host).await;
    let other = host.challenges.confirm_endpoint(&owner("bob"), id, &sent.as_str().into()).await;
    assert!(matches!(other, Err(Error::NotFound)));
    let other = host.challenges.resend_confirmation(&owner("bob"), id).await;
    assert!(matches!(other, Err(Error::NotFound)));
    assert_eq!(confirm(&host, id, &sent).await, Ok(()));
    let again = host.challenges.register_phone(owner("alice"), number()).await.unwrap();
    assert!(again.is_confirmed() && again.id() == id);
    assert_eq!(host.challenges.outbox(None, None, 10).await.unwrap().len(), 1, "no other message");
}

#[tokio::test]
async fn a_disabled_endpoint_is_not_challenged_nor_sent_what_is_on_its_way() {
    let host = Host::new().await;
    let address = Address::Phone(number());
    let id = host.challenges.register_vouched_endpoint(owner("alice"), address).await.unwrap().id();
    assert_eq!(challenge(&host).await, State::Issued);
    let other = host.challenges.set_endpoint_enabled(&owner("bob"), id, false).await;
    assert!(matches!(other, Err(Error::NotFound)));
    assert!(!host.challenges.set_endpoint_enabled(&owner("alice"), id, false).await.unwrap().is_enabled());
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dropped, 1);
    host.clock.advance(COOL_DOWN);
    assert_eq!(challenge(&host).await, State::ChallengeFailed);
    assert!(host.challenges.set_endpoint_enabled(&owner("alice"), id, true).await.unwrap().is_enabled());
    assert_eq!(challenge(&host).await, State::Issued);
}

#[tokio::test]
async fn a_subscription_of_the_same_push_service_takes_the_place_of_the_earlier_one() {
    let host = Host::new().await;
    let subscribe = async |key: &str| {
        let subscription = PushSubscription::new("https://push.example/1", &key.repeat(87), &"A".repeat(22)).unwrap();
        host.challenges.register_push(owner("alice"), subscription).await.unwrap()
    };
    let (first, second) = (subscribe("A").await, subscribe("Q").await);
    assert_eq!(first.id(), second.id());
    let endpoints = host.challenges.endpoints(&owner("alice"), 10).await.unwrap();
    let [endpoint] = &endpoints[..] else { panic!("one") };
    let Address::Push(stored) = host.challenges.address(endpoint).unwrap() else { panic!("a subscription") };
    assert_eq!(stored.p256dh(), "Q".repeat(87));
}
