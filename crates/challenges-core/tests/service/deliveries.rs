use std::sync::Arc;
use std::time::Duration;

use challenges_core::machine::Outcome;
use challenges_core::store::{Batch, Commit, Expect, Key, Kind, ListQuery, Record, Version, Write};
use challenges_core::{
    Address, Challenge, ChallengeSpec, ChallengeType, DropReason, Error, Id, Invalid, KeyRing, Policy,
    PushSubscription, Retry, State, Store as _, Timestamp, Types,
};
use challenges_testkit::Yielding;

use crate::courier::{Scripted, Step, What};
use crate::harness::{Host, KEYS, Seen, owner, passed, service};

const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;

async fn phone(host: &Host, number: &str) -> challenges_core::EndpointId {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.register_vouched_endpoint(owner("alice"), address).await.unwrap().id()
}

async fn subscribe(host: &Host, uri: &str) -> challenges_core::EndpointId {
    let subscription = PushSubscription::new(uri, &"A".repeat(87), &"A".repeat(22)).unwrap();
    host.challenges.register_vouched_endpoint(owner("alice"), Address::Push(subscription)).await.unwrap().id()
}

async fn challenge(host: &Host, kinds: &[ChallengeType]) -> Challenge {
    let mut spec = ChallengeSpec::new(Types::new(None, Some(kinds.to_vec())).unwrap()).unwrap();
    spec.origin = Some("https://shop.example".parse().unwrap());
    host.challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge
}

async fn state(host: &Host, challenge: &Challenge) -> State {
    host.challenges.challenge(challenge.id()).await.unwrap().state()
}

fn secret_of(link: &str) -> &str {
    link.split("challenge_answer=").nth(1).unwrap().split('&').next().unwrap()
}

#[tokio::test]
async fn a_message_has_the_link_to_the_answer_page_and_what_is_said_beside_it() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    subscribe(&host, "https://push.example/1").await;
    let challenge = challenge(&host, &[SMS, PUSH]).await;
    host.clock.advance(Duration::from_secs(100));
    host.seen.take();
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 2);
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
    assert_eq!(delivered, 1, "the first message that reaches the user counts");
    assert!(passed(host.answer(challenge.id(), SMS, secret_of(&links[0])).await));
}

#[tokio::test]
async fn without_a_page_a_challenge_to_be_sent_is_refused_with_what_to_do() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    let keys: KeyRing = KEYS.parse().unwrap();
    let builder = challenges_core::Challenges::builder(host.store.clone(), keys);
    let pageless = builder.clock(host.clock.clone()).build().await.unwrap();
    let spec = ChallengeSpec::new(SMS).unwrap();
    let refused = pageless.create_challenge(owner("alice"), spec).await;
    let Err(error @ Error::Invalid(Invalid::NoAnswerPage)) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("response_uri") && error.to_string().contains("answer_page"));
    let pending = ChallengeSpec::new(SMS).unwrap().pending();
    let pending = pageless.create_challenge(owner("alice"), pending).await.unwrap().challenge;
    let issued = pageless.replace_challenge(pending.id(), ChallengeSpec::new(SMS).unwrap()).await;
    assert!(matches!(issued, Err(Error::Invalid(Invalid::NoAnswerPage))));
    assert!(
        pageless.create_challenge(owner("bob"), ChallengeSpec::new(SMS).unwrap()).await.is_ok(),
        "nobody to send to"
    );
}

#[tokio::test]
async fn when_the_last_message_fails_for_good_and_nothing_else_can_be_answered_the_challenge_fails() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    phone(&host, "+4915112345679").await;
    let sent = challenge(&host, &[SMS]).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    host.seen.take();
    assert_eq!(host.challenges.dispatch(&courier, 1).await.unwrap().dead, 1);
    assert_eq!(state(&host, &sent).await, State::Issued, "the other one may yet come");
    courier.script([Step::Fail(Retry::Never)]);
    assert_eq!(host.challenges.dispatch(&courier, 1).await.unwrap().dead, 1);
    assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    assert_eq!(host.seen.take().last(), Some(&Seen::Moved(Outcome::Failed)));
    assert_eq!(host.challenges.dead_letters(None, None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_challenge_does_not_fail_when_a_message_came_through_or_something_else_can_be_answered() {
    // Another channel reached the user.
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    phone(&host, "+4915112345679").await;
    let sent = challenge(&host, &[SMS]).await;
    let courier = Scripted::new(&host.clock, [Step::Perform(200), Step::Fail(Retry::Never)]);
    host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!(state(&host, &sent).await, State::Issued);

    // The code is answered without any message.
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never)]);
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    let with_code = challenge(&host, &[SMS, ChallengeType::Code]).await;
    host.challenges.dispatch(&courier, 10).await.unwrap();
    assert_eq!(state(&host, &with_code).await, State::Issued);

    // The authenticator as well, for as long as there is one.
    for removed in [false, true] {
        let host = Host::new().await;
        phone(&host, "+4915112345678").await;
        let (enrollment, _) = host.enroll("alice").await;
        let with_totp = challenge(&host, &[SMS, ChallengeType::Totp]).await;
        if removed {
            host.challenges.delete_totp_enrollment(&owner("alice"), enrollment).await.unwrap();
        }
        let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
        host.challenges.dispatch(&courier, 10).await.unwrap();
        let expected = if removed { State::ChallengeFailed } else { State::Issued };
        assert_eq!(state(&host, &with_totp).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_all_messages_fail_at_once_the_challenge_fails_nonetheless() {
    for _ in 0..20 {
        let host = Host::new().await;
        for number in 0..8 {
            phone(&host, &format!("+491511234567{number}")).await;
        }
        let sent = challenge(&host, &[SMS]).await;
        let store = Yielding::sharing(Arc::clone(&host.store));
        let challenges = service(store, Policy::default(), host.clock.clone(), ()).await;
        let courier = Scripted::new(&host.clock, (0..8).map(|_| Step::Fail(Retry::Never)));
        assert_eq!(challenges.dispatch(&courier, 10).await.unwrap().dead, 8);
        assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    }
}

#[tokio::test]
async fn r22_an_address_that_is_gone_is_forgotten_with_what_was_to_be_sent_there() {
    let host = Host::new().await;
    let gone = subscribe(&host, "https://push.example/1").await;
    let sent = challenge(&host, &[PUSH]).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::AddressGone)]);
    host.seen.take();
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dropped, 1);
    assert!(host.challenges.endpoints(&owner("alice"), 10).await.unwrap().is_empty());
    assert!(host.challenges.dead_letters(None, None, 10).await.unwrap().is_empty());
    assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    let seen = host.seen.take();
    assert!(seen.contains(&Seen::EndpointGone(gone)) && seen.contains(&Seen::Dropped(DropReason::EndpointGone)));
}

/// What follows from a message that cannot be sent takes the user's other records. One that cannot be read puts it off.
#[tokio::test]
async fn a_message_whose_end_cannot_be_decided_here_is_put_off() {
    let host = Host::new().await;
    let endpoint = phone(&host, "+4915112345678").await;
    challenge(&host, &[SMS]).await;
    host.challenges.delete_endpoint(&owner("alice"), endpoint).await.unwrap();
    let query = ListQuery { kind: Kind::Challenge, owner: None, after: None, limit: 1 };
    let of = host.store.list(&query).await.unwrap().records[0].record.key.id.owner();
    let key = Key::new(Kind::TotpEnrollment, Id::new(Timestamp::default(), of, 1));
    let unreadable = Record { key, due: None, expires: None, body: "{}".into() };
    let batch = Batch::new(Version::from_bytes([1; 16]), vec![Write::put(Expect::Absent, unreadable)]).unwrap();
    assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().unreadable, 1);
    assert!(host.challenges.due_entries(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_worth_nothing_any_more_is_dropped_and_not_sent() {
    type Ending = DropReason;
    for reason in [Ending::ChallengeOver, Ending::ChallengeGone, Ending::TooLate, Ending::EndpointGone] {
        let host = Host::new().await;
        let endpoint = phone(&host, "+4915112345678").await;
        let sent = challenge(&host, &[SMS, ChallengeType::Totp]).await;
        match reason {
            Ending::ChallengeOver => {
                let entries = host.challenges.outbox(None, None, 10).await.unwrap();
                let [Ok(entry)] = &entries[..] else { panic!("one entry") };
                let challenges_core::Task::Deliver(delivery) = &entry.task else { panic!("a message") };
                assert!(passed(host.answer(sent.id(), SMS, delivery.secret.expose()).await));
            }
            Ending::ChallengeGone => host.challenges.delete_challenge(sent.id()).await.unwrap(),
            Ending::TooLate => drop(host.clock.advance(Duration::from_secs(600))),
            _ => host.challenges.delete_endpoint(&owner("alice"), endpoint).await.unwrap(),
        }
        host.seen.take();
        let courier = Scripted::new(&host.clock, []);
        let done = host.challenges.dispatch(&courier, 10).await.unwrap();
        assert_eq!((done.dropped, done.performed), (1, 0), "{reason:?}");
        assert!(courier.attempts().is_empty(), "{reason:?}");
        assert!(host.seen.take().contains(&Seen::Dropped(reason)), "{reason:?}");
        if reason == Ending::EndpointGone {
            assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
        }
    }
}

#[tokio::test]
async fn a_message_is_tried_for_as_long_as_its_challenge_lives_and_no_longer() {
    let host = Host::new().await;
    phone(&host, "+4915112345678").await;
    let sent = challenge(&host, &[SMS]).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Later(Some(Duration::from_secs(599))))]);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().retried, 1);
    host.clock.advance(Duration::from_secs(599));
    courier.script([Step::Fail(Retry::Later(Some(Duration::from_secs(1))))]);
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1, "the next attempt would come too late");
    assert_eq!(state(&host, &sent).await, State::ChallengeFailed);
    host.clock.advance(Duration::from_secs(1));
    let key = courier.attempts()[0].0;
    let retried = host.challenges.retry_dead_letter(key).await;
    assert!(matches!(retried, Err(Error::Invalid(Invalid::MessageOver))));
    host.clock.advance(Duration::from_secs(86_401));
    host.challenges.sweep(100).await.unwrap();
    assert!(host.challenges.dead_letters(None, None, 10).await.unwrap().is_empty(), "it goes with its challenge");
}
