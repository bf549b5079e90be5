//! Confirmation of phone numbers and e-mail addresses, and endpoints that are switched or replaced.

use std::time::Duration;

use challenges_core::endpoints::{Address, Endpoint, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::{ChallengeSpec, EndpointId, EndpointRef, Error, Factor, Invalid, Refused, State};
use challenges_testkit::administrator;

use crate::courier::{Scripted, What};
use crate::harness::{Host, Seen, owner};

const COOL_DOWN: Duration = Duration::from_secs(30);

fn addresses() -> [Address; 2] {
    [Address::Phone("+4915112345678".parse().unwrap()), Address::Email("alice@example.org".parse().unwrap())]
}

fn destination(address: &Address) -> &str {
    match address {
        Address::Phone(number) => number.as_str(),
        Address::Email(address) => address.as_str(),
        other => panic!("no code is sent to {other:?}"),
    }
}

async fn try_to_register(host: &Host, address: &Address) -> Result<Endpoint, Error> {
    let endpoints = host.challenges.endpoints();
    match address.clone() {
        Address::Phone(number) => endpoints.register_phone(owner("alice"), &administrator(), number).await,
        Address::Email(address) => endpoints.register_email(owner("alice"), &administrator(), address).await,
        other => panic!("no code is sent to {other:?}"),
    }
}

async fn register(host: &Host, address: &Address) -> EndpointId {
    let endpoint = try_to_register(host, address).await.unwrap();
    assert!(!endpoint.is_confirmed());
    endpoint.id()
}

/// Returns the code of the newest message in the outbox.
pub(crate) async fn code(host: &Host) -> String {
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let newest = entries.iter().map(|entry| entry.as_ref().unwrap()).max_by_key(|entry| entry.id).unwrap();
    let Task::Confirm { code, .. } = &newest.task else { panic!("no code: {newest:?}") };
    code.expose().to_owned()
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

async fn confirm(host: &Host, id: EndpointId, code: &str) -> Result<(), Option<Invalid>> {
    match host.challenges.endpoints().confirm(&owner("alice"), &administrator(), id, &code.into()).await {
        Ok(endpoint) => {
            assert!(endpoint.is_confirmed());
            Ok(())
        }
        Err(Error::Invalid(invalid)) => Err(Some(invalid)),
        Err(_) => Err(None),
    }
}

/// Returns the state of a new challenge.
async fn challenge(host: &Host, address: &Address) -> State {
    let spec = ChallengeSpec::new(address.channel()).unwrap();
    host.challenges.create(owner("alice"), spec).await.unwrap().challenge.state()
}

async fn count_endpoints(host: &Host) -> usize {
    host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap().len()
}

async fn failures(host: &Host) -> u32 {
    host.challenges.account(&owner("alice")).failures(Factor::Confirmation).await.unwrap()
}

/// R30: neither the code nor an unkeyed hash of the code is stored.
#[tokio::test]
async fn address_is_challenged_only_after_confirmation() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        assert_eq!(
            challenge(&host, &address).await,
            State::ChallengeFailed,
            "an unconfirmed address receives no challenge"
        );
        let spec = ChallengeSpec::new(address.channel()).unwrap().with_endpoints(vec![EndpointRef::endpoint(id)]);
        let refused = host.challenges.create(owner("alice"), spec).await;
        assert!(matches!(refused, Err(Error::Invalid(Invalid::UnknownEndpoint))), "{refused:?}");
        let code = code(&host).await;
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(!host.dump().await.contains(&code));
        let courier = Scripted::new(&host.clock, []);
        assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 1);
        let [effect] = &courier.done()[..] else { panic!("one message") };
        let What::Code { to, code: sent, remaining } = &effect.what else { panic!("{effect:?}") };
        assert_eq!((to.as_str(), sent.as_str(), remaining.as_secs()), (destination(&address), code.as_str(), 600));
        assert_eq!(confirm(&host, id, &code).await, Ok(()));
        assert_eq!(challenge(&host, &address).await, State::Issued);
    }
}

/// R7, R3, R19: five wrong codes close the address, and another code does not open the address again.
#[tokio::test]
async fn wrong_codes_close_the_address() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        let sent = code(&host).await;
        assert_eq!(confirm(&host, id, wrong(&sent)).await, Err(Some(Invalid::ConfirmationCode)));
        host.seen.take();
        assert!(confirm(&host, id, wrong(&sent)).await.is_err());
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::Repeated)]);
        for guess in 1..5 {
            assert!(confirm(&host, id, &format!("wrong {guess}")).await.is_err());
        }
        assert_eq!(failures(&host).await, 5);
        host.seen.take();
        assert!(confirm(&host, id, &sent).await.is_err());
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
        host.clock.advance(COOL_DOWN);
        let resent = host.challenges.endpoints().resend_code(&owner("alice"), id).await;
        assert!(matches!(resent, Err(Error::Invalid(Invalid::NoConfirmationExpected))), "{resent:?}");
    }
}

/// R7, R4, R8: the count belongs to the user, and leads to a delay, not a lock.
#[tokio::test]
async fn registering_again_keeps_the_failure_count() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        for guess in 0..5 {
            assert!(confirm(&host, id, &format!("wrong {guess}")).await.is_err());
        }
        host.clock.advance(COOL_DOWN);
        host.challenges.endpoints().delete(&owner("alice"), &administrator(), id).await.unwrap();
        let id = register(&host, &address).await;
        assert!(confirm(&host, id, "wrong").await.is_err());
        host.seen.take();
        let sent = code(&host).await;
        assert!(confirm(&host, id, &sent).await.is_err());
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)]);
        host.clock.advance(COOL_DOWN);
        assert_eq!(confirm(&host, id, &sent).await, Ok(()));
        assert_eq!(failures(&host).await, 0);
    }
}

/// R19: the first code is refused, and its message is dropped.
#[tokio::test]
async fn resent_code_replaces_the_first() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        let first = code(&host).await;
        let resend = async || host.challenges.endpoints().resend_code(&owner("alice"), id).await;
        assert!(matches!(resend().await, Err(Error::Invalid(Invalid::TooManyMessages { wait: 30 }))));
        host.clock.advance(COOL_DOWN);
        resend().await.unwrap();
        let second = code(&host).await;
        let courier = Scripted::new(&host.clock, []);
        host.seen.take();
        let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        // Two random codes may be equal.
        if first != second {
            assert_eq!((done.performed, done.dropped), (1, 1));
            assert!(host.seen.take().contains(&Seen::Dropped("superseded")));
            assert!(confirm(&host, id, &first).await.is_err());
        }
        assert_eq!(confirm(&host, id, &second).await, Ok(()));
        assert!(matches!(resend().await, Err(Error::Invalid(Invalid::NoConfirmationExpected))));
    }
}

/// R19: registering again sends another code, up to the limit.
#[tokio::test]
async fn repeated_registrations_respect_the_send_limit() {
    for address in addresses() {
        let host = Host::new().await;
        let mut sent = 0;
        for _ in 0..100 {
            sent += usize::from(try_to_register(&host, &address).await.is_ok());
            host.clock.advance(COOL_DOWN);
        }
        assert_eq!(sent, 10);
        assert_eq!(count_endpoints(&host).await, 1);
    }
}

#[tokio::test]
async fn codes_and_unconfirmed_addresses_expire() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        let sent = code(&host).await;
        host.clock.advance(Duration::from_secs(600));
        assert!(confirm(&host, id, &sent).await.is_err(), "a code lives for ten minutes");
        let courier = Scripted::new(&host.clock, []);
        assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dropped, 1);
        host.challenges.endpoints().resend_code(&owner("alice"), id).await.unwrap();
        let sent = code(&host).await;
        host.clock.advance(Duration::from_secs(3_000));
        assert!(confirm(&host, id, &sent).await.is_err());
        assert_eq!(count_endpoints(&host).await, 0, "an unconfirmed address lives for an hour");
        register(&host, &address).await;
    }
}

#[tokio::test]
async fn only_the_owner_confirms_an_address() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        let sent = code(&host).await;
        let other =
            host.challenges.endpoints().confirm(&owner("bob"), &administrator(), id, &sent.as_str().into()).await;
        assert!(matches!(other, Err(Error::NotFound)), "{other:?}");
        let other = host.challenges.endpoints().resend_code(&owner("bob"), id).await;
        assert!(matches!(other, Err(Error::NotFound)), "{other:?}");
        assert_eq!(confirm(&host, id, &sent).await, Ok(()));
    }
}

#[tokio::test]
async fn confirmed_address_receives_no_further_code() {
    for address in addresses() {
        let host = Host::new().await;
        let id = register(&host, &address).await;
        let sent = code(&host).await;
        assert_eq!(confirm(&host, id, &sent).await, Ok(()));
        let again = try_to_register(&host, &address).await.unwrap();
        assert!(again.is_confirmed() && again.id() == id);
        assert_eq!(host.challenges.outbox().list(None, None, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn disabled_endpoint_receives_nothing() {
    for address in addresses() {
        let host = Host::new().await;
        let id = host
            .challenges
            .endpoints()
            .register_confirmed(owner("alice"), &administrator(), address.clone())
            .await
            .unwrap()
            .id();
        assert_eq!(challenge(&host, &address).await, State::Issued);
        let other = host.challenges.endpoints().set_enabled(&owner("bob"), &administrator(), id, false).await;
        assert!(matches!(other, Err(Error::NotFound)), "{other:?}");
        assert!(
            !host
                .challenges
                .endpoints()
                .set_enabled(&owner("alice"), &administrator(), id, false)
                .await
                .unwrap()
                .is_enabled()
        );
        let courier = Scripted::new(&host.clock, []);
        let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!(done.dropped, 1, "a queued message is dropped");
        host.clock.advance(COOL_DOWN);
        assert_eq!(challenge(&host, &address).await, State::ChallengeFailed);
        assert!(
            host.challenges
                .endpoints()
                .set_enabled(&owner("alice"), &administrator(), id, true)
                .await
                .unwrap()
                .is_enabled()
        );
        assert_eq!(challenge(&host, &address).await, State::Issued);
    }
}

#[tokio::test]
async fn subscription_of_the_same_url_is_replaced() {
    let host = Host::new().await;
    let subscribe = async |key: &str| {
        let subscription = PushSubscription::new("https://push.example/1", &key.repeat(87), &"A".repeat(22)).unwrap();
        host.challenges.endpoints().register_push(owner("alice"), &administrator(), subscription).await.unwrap()
    };
    let (first, second) = (subscribe("A").await, subscribe("Q").await);
    assert_eq!(first.id(), second.id());
    let endpoints = host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap();
    let [endpoint] = &endpoints[..] else { panic!("one endpoint") };
    let Address::Push(stored) = host.challenges.endpoints().address(endpoint).unwrap() else { panic!("no push") };
    assert_eq!(stored.p256dh(), "Q".repeat(87));
}
