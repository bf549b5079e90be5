use std::sync::Arc;
use std::time::Duration;

use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::{Retry, Task};
use challenges_core::store::{Batch, Commit, Id, Key, Kind, Record, Write};
use challenges_core::{
    Challenge, ChallengeSpec, ChallengeType, ChallengeTypes, Challenges, EndpointId, Error, Invalid, KeyRing, Outcome,
    State, Store as _, Timestamp,
};
use challenges_testkit::{Yielding, administrator};

use crate::courier::{Scripted, Step, What};
use crate::harness::{Host, KEYS, Seen, owner, passed, quiet, service};

const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;

async fn phone(host: &Host, number: &str) -> EndpointId {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap().id()
}

async fn subscribe(host: &Host, uri: &str) -> EndpointId {
    let subscription = PushSubscription::new(uri, &"A".repeat(87), &"A".repeat(22)).unwrap();
    let address = Address::Push(subscription);
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap().id()
}

async fn challenge(host: &Host, kinds: &[ChallengeType]) -> Challenge {
    let mut spec = ChallengeSpec::new(ChallengeTypes::new(None, Some(kinds.to_vec())).unwrap()).unwrap();
    spec.origin = Some("https://shop.example".parse().unwrap());
    host.challenges.create(owner("alice"), spec).await.unwrap().challenge
}

async fn state(host: &Host, challenge: &Challenge) -> State {
    host.challenges.get(challenge.id()).await.unwrap().state()
}

fn secret_of(link: &str) -> &str {
    link.split("challenge_answer=").nth(1).unwrap().split('&').next().unwrap()
}

#[tokio::test]
async fn message_has_link_origin_and_remaining_time() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    subscribe(&host, "https://push.example/1").await;
    let challenge = challenge(&host, &[SMS, PUSH]).await;
    host.clock.advance(Duration::from_secs(100));
    host.seen.take();
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 2);
    let mut links = Vec::new();
    for effect in courier.done() {
        links.push(match effect.what {
            What::Sms { to, link, origin, remaining } => {
                assert_eq!((to.as_str(), origin.as_deref()), ("+4915112345678", Some("https://shop.example")));
                assert_eq!(remaining, Duration::from_secs(500));
                link
            }
            What::Push { to, link } => {
                assert_eq!(to, "https://push.example/1");
                link
            }
            other => panic!("unexpected {other:?}"),
        });
    }
    assert_eq!(links[0], links[1]);
    assert!(links[0].starts_with("https://app.example/answer?challenge_answer="));
    let delivered = host.seen.take().into_iter().filter(|seen| *seen == Seen::Moved(Outcome::Delivered)).count();
    assert_eq!(delivered, 1, "only the first delivered message changes the challenge");
    assert!(passed(host.answer(challenge.id(), SMS, secret_of(&links[0])).await));
}

#[tokio::test]
async fn message_without_an_answer_page_is_refused() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    let keys: KeyRing = KEYS.parse().unwrap();
    let builder = Challenges::builder(host.store.clone(), keys);
    let pageless = builder.clock(host.clock.clone()).build().await.unwrap();
    let spec = ChallengeSpec::new(SMS).unwrap();
    let refused = pageless.create(owner("alice"), spec).await;
    let Err(error @ Error::Invalid(Invalid::NoAnswerPage)) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("response_uri") && error.to_string().contains("answer_page"));
    let pending = ChallengeSpec::new(SMS).unwrap().pending();
    let pending = pageless.create(owner("alice"), pending).await.unwrap().challenge;
    let issued = pageless.replace(pending.id(), ChallengeSpec::new(SMS).unwrap()).await;
    assert!(matches!(issued, Err(Error::Invalid(Invalid::NoAnswerPage))));
    let unsent = pageless.create(owner("bob"), ChallengeSpec::new(SMS).unwrap()).await;
    assert!(unsent.is_ok(), "a user without a phone number gets no message");
}

#[tokio::test]
async fn challenge_fails_with_its_last_message() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    phone(&host, "+4915112345679").await;
    let sent = challenge(&host, &[SMS]).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    host.seen.take();
    assert_eq!(host.challenges.outbox().dispatch(&courier, 1).await.unwrap().dead, 1);
    assert_eq!(state(&host, &sent).await, State::Issued, "the other message may still arrive");
    courier.script([Step::Fail(Retry::Never)]);
    assert_eq!(host.challenges.outbox().dispatch(&courier, 1).await.unwrap().dead, 1);
    assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    assert_eq!(host.seen.take().last(), Some(&Seen::Moved(Outcome::Failed)));
    assert_eq!(host.challenges.outbox().dead_letters(None, None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn failed_message_leaves_an_answerable_challenge_open() {
    // Another message reached the user.
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    phone(&host, "+4915112345679").await;
    let sent = challenge(&host, &[SMS]).await;
    let courier = Scripted::new(&host.clock, [Step::Perform(200), Step::Fail(Retry::Never)]);
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(state(&host, &sent).await, State::Issued);

    // A code needs no message.
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never)]);
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    let with_code = challenge(&host, &[SMS, ChallengeType::Code]).await;
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    assert_eq!(state(&host, &with_code).await, State::Issued);

    // Neither does an authenticator, unless its enrollment was deleted.
    for removed in [false, true] {
        let host = Host::new().await;
        phone(&host, "+4915112345678").await;
        let (enrollment, _) = host.enroll("alice").await;
        let with_totp = challenge(&host, &[SMS, ChallengeType::Totp]).await;
        if removed {
            host.challenges.totp().delete(&owner("alice"), &administrator(), enrollment).await.unwrap();
        }
        let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        let expected = if removed { State::ChallengeFailed } else { State::Issued };
        assert_eq!(state(&host, &with_totp).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_failures_of_all_messages_fail_the_challenge() {
    for _ in 0..20 {
        let host = Host::new().await;
        for number in 0..8 {
            phone(&host, &format!("+491511234567{number}")).await;
        }
        let sent = challenge(&host, &[SMS]).await;
        let store = Yielding::sharing(Arc::clone(&host.store));
        let challenges = service(store, quiet(), host.clock.clone(), ()).await;
        let courier = Scripted::new(&host.clock, (0..8).map(|_| Step::Fail(Retry::Never)));
        assert_eq!(challenges.outbox().dispatch(&courier, 10).await.unwrap().dead, 8);
        assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    }
}

/// R22: the endpoint of an address that no longer exists is deleted, and its message dropped.
#[tokio::test]
async fn gone_address_deletes_the_endpoint() {
    let host = Host::new().await;
    let gone = subscribe(&host, "https://push.example/1").await;
    let sent = challenge(&host, &[PUSH]).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::AddressGone)]);
    host.seen.take();
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dropped, 1);
    assert!(host.challenges.endpoints().list(&owner("alice"), None, 10).await.unwrap().is_empty());
    assert!(host.challenges.outbox().dead_letters(None, None, 10).await.unwrap().is_empty());
    assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    let seen = host.seen.take();
    assert!(seen.contains(&Seen::EndpointGone(gone)) && seen.contains(&Seen::Dropped("endpoint_gone")));
}

/// Dropping a message loads other records of the user, to decide whether the challenge fails.
#[tokio::test]
async fn unreadable_sibling_record_postpones_the_message() {
    let host = Host::new().await;
    let endpoint = phone(&host, "+4915112345678").await;
    challenge(&host, &[SMS]).await;
    host.challenges.endpoints().delete(&owner("alice"), &administrator(), endpoint).await.unwrap();
    let of = host.store.list(Kind::Challenge, None, None, 1).await.unwrap()[0].record.key.id.owner();
    let key = Key::new(Kind::TotpEnrollment, Id::new(Timestamp::default(), of, 1));
    let unreadable = Record { key, due: None, expires: None, body: "{}".into() };
    let batch = Batch::new([1; 16], vec![Write::create(unreadable)]).unwrap();
    assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().unreadable, 1);
    assert!(host.challenges.outbox().due(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn pointless_message_is_dropped_unsent() {
    for reason in ["challenge_over", "challenge_gone", "too_late", "endpoint_gone"] {
        let host = Host::new().await;
        let endpoint = phone(&host, "+4915112345678").await;
        let sent = challenge(&host, &[SMS, ChallengeType::Totp]).await;
        match reason {
            "challenge_over" => {
                let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
                let [Ok(entry)] = &entries[..] else { panic!("one entry") };
                let Task::Deliver { secret, .. } = &entry.task else { panic!("a message") };
                assert!(passed(host.answer(sent.id(), SMS, secret.expose()).await));
            }
            "challenge_gone" => host.challenges.delete(sent.id()).await.unwrap(),
            "too_late" => drop(host.clock.advance(Duration::from_secs(600))),
            _ => host.challenges.endpoints().delete(&owner("alice"), &administrator(), endpoint).await.unwrap(),
        }
        host.seen.take();
        let courier = Scripted::new(&host.clock, []);
        let done = host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.dropped, done.performed), (1, 0), "{reason:?}");
        assert!(courier.attempts().is_empty(), "{reason:?}");
        assert!(host.seen.take().contains(&Seen::Dropped(reason)), "{reason:?}");
        if reason == "endpoint_gone" {
            assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
        }
    }
}

#[tokio::test]
async fn message_is_retried_until_its_challenge_expires() {
    let host = Host::new().await;
    let outbox = host.challenges.outbox();
    phone(&host, "+4915112345678").await;
    let sent = challenge(&host, &[SMS]).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Later(Some(Duration::from_secs(599))))]);
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().retried, 1);
    host.clock.advance(Duration::from_secs(599));
    courier.script([Step::Fail(Retry::Later(Some(Duration::from_secs(1))))]);
    assert_eq!(outbox.dispatch(&courier, 10).await.unwrap().dead, 1, "the next attempt would be too late");
    assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    host.clock.advance(Duration::from_secs(1));
    let key = courier.attempts()[0].0;
    assert!(matches!(outbox.retry(key).await, Err(Error::Invalid(Invalid::MessageOver))));
    host.clock.advance(Duration::from_secs(86_401));
    host.challenges.sweep(100).await.unwrap();
    assert!(outbox.dead_letters(None, None, 10).await.unwrap().is_empty(), "swept with the challenge");
}
