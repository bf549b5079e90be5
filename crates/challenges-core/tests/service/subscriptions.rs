//! A push subscription belongs to whoever registered it last, despite races and crashes.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::endpoints::{Address, Endpoint, PushServices, PushSubscription};
use challenges_core::store::Kind;
use challenges_core::{Challenge, ChallengeSpec, ChallengeType, Challenges, EndpointId, Error, Invalid, State};
use challenges_testkit::{Fault, Flaky, Interrupted, Method, Yielding, administrator};

use crate::courier::{Scripted, What};
use crate::harness::{Host, KEYS, Seen, owner, quiet, service};

const URL: &str = "https://push.example/shared-browser";

fn subscription(url: &str) -> PushSubscription {
    PushSubscription::new(url, &"A".repeat(87), &"A".repeat(22)).unwrap()
}

async fn register(challenges: &Challenges, user: &str, url: &str) -> Result<Endpoint, Error> {
    challenges.endpoints().register_push(owner(user), &administrator(), subscription(url)).await
}

async fn listed(host: &Host, user: &str) -> Vec<EndpointId> {
    let endpoints = host.challenges.endpoints().list(&owner(user), None, 100).await.unwrap();
    endpoints.iter().map(Endpoint::id).collect()
}

async fn ask(host: &Host, user: &str) -> Challenge {
    let spec = ChallengeSpec::new(ChallengeType::WebPush).unwrap();
    host.challenges.create(owner(user), spec).await.unwrap().challenge
}

/// Dispatches, and returns the users whose links reached the shared browser.
async fn reached(host: &Host) -> Vec<String> {
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 100).await.unwrap();
    let user_of = |link: &str| link.split("challenge_uid=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let pushed = courier.done().into_iter().map(|effect| match effect.what {
        What::Push { link, .. } => user_of(&link),
        other => panic!("unexpected {other:?}"),
    });
    pushed.collect()
}

async fn state(host: &Host, challenge: &Challenge) -> State {
    host.challenges.get(challenge.id()).await.unwrap().state()
}

/// Creates a service whose store fails from the given commit on, counted from 1.
async fn crashing_at(commit: usize, host: &Host) -> Challenges {
    let store = Flaky::sharing(host.store.clone());
    let challenges = service(store.clone(), quiet(), host.clock.clone(), ()).await;
    let mut commits = 0;
    store.fail_when(move |call| {
        commits += usize::from(call.method == Method::Commit);
        (commits >= commit).then_some(Fault::Before)
    });
    challenges
}

#[tokio::test]
async fn later_user_takes_the_subscription_over() {
    let host = Host::new().await;
    let alices = register(&host.challenges, "alice", URL).await.unwrap().id();
    host.clock.advance(Duration::from_secs(1));
    let other = register(&host.challenges, "alice", "https://push.example/phone").await.unwrap().id();
    assert_eq!(listed(&host, "alice").await, [alices, other], "control: both are alice's");
    host.seen.take();
    let bobs = register(&host.challenges, "bob", URL).await.unwrap().id();
    assert_eq!((listed(&host, "alice").await, listed(&host, "bob").await), (vec![other], vec![bobs]));
    assert!(host.seen.take().contains(&Seen::EndpointTakenOver(alices)));
    host.clock.advance(Duration::from_secs(1));
    let back = register(&host.challenges, "alice", URL).await.unwrap().id();
    assert_ne!(back, alices, "a deleted endpoint does not return");
    assert_eq!((listed(&host, "alice").await, listed(&host, "bob").await), (vec![other, back], vec![]));
}

/// R62: registering a subscription gives no access to the messages of its earlier user.
#[tokio::test]
async fn queued_message_does_not_reach_the_next_user() {
    let host = Host::new().await;
    register(&host.challenges, "alice", URL).await.unwrap();
    ask(&host, "alice").await;
    assert_eq!(reached(&host).await, ["alice"], "control: alice has the browser");
    host.clock.advance(Duration::from_secs(60));
    let asked = ask(&host, "alice").await;
    register(&host.challenges, "bob", URL).await.unwrap();
    assert!(reached(&host).await.is_empty());
    assert_eq!(state(&host, &asked).await, State::ChallengeFailed);
    ask(&host, "bob").await;
    assert_eq!(reached(&host).await, ["bob"]);
}

/// A repeated registration keeps the id, and takes nothing from anybody.
#[tokio::test]
async fn same_user_registers_again_with_one_id() {
    let host = Host::new().await;
    let first = register(&host.challenges, "alice", URL).await.unwrap().id();
    host.seen.take();
    let new_keys = PushSubscription::new(URL, &format!("{}A", "B".repeat(86)), &"A".repeat(22)).unwrap();
    let again = host.challenges.endpoints().register_push(owner("alice"), &administrator(), new_keys).await.unwrap();
    assert_eq!((again.id(), listed(&host, "alice").await), (first, vec![first]));
    assert!(!host.seen.take().iter().any(|seen| matches!(seen, Seen::EndpointTakenOver(_))));
}

#[tokio::test]
async fn deletion_frees_the_subscription() {
    let host = Host::new().await;
    let id = register(&host.challenges, "alice", URL).await.unwrap().id();
    assert_eq!(host.records(Kind::Reservation).await.len(), 1);
    host.challenges.endpoints().delete(&owner("alice"), &administrator(), id).await.unwrap();
    assert!(host.records(Kind::Reservation).await.is_empty());
    register(&host.challenges, "bob", URL).await.unwrap();
    assert_eq!(listed(&host, "bob").await.len(), 1);
}

/// R62: the commits of a takeover reserve the subscription, store bob's endpoint, and delete alice's.
#[tokio::test]
async fn crash_during_takeover_leaks_no_message() {
    for commit in 1..=3 {
        let host = Host::new().await;
        let alices = register(&host.challenges, "alice", URL).await.unwrap().id();
        let asked = ask(&host, "alice").await;
        let crashing = crashing_at(commit, &host).await;
        let crashed = register(&crashing, "bob", URL).await;
        assert_eq!(crashed.is_err(), commit < 3, "{commit}: {crashed:?}");
        assert_eq!(listed(&host, "alice").await, [alices], "the crash is before the deletion");
        let expected: &[&str] = if commit == 1 { &["alice"] } else { &[] };
        assert_eq!(reached(&host).await, expected, "{commit}: bob has the browser from the reservation on");
        if commit > 1 {
            assert_eq!(state(&host, &asked).await, State::ChallengeFailed);
            assert!(listed(&host, "alice").await.is_empty(), "the dispatcher completes the removal");
            assert!(host.seen.take().contains(&Seen::Dropped("endpoint_gone")));
        }
        register(&host.challenges, "bob", URL).await.unwrap();
        assert!(listed(&host, "alice").await.is_empty());
        assert_eq!(listed(&host, "bob").await.len(), 1, "{commit}: bob registers after the crash");
        ask(&host, "bob").await;
        assert_eq!(reached(&host).await, ["bob"]);
    }
}

/// Registers a subscription for several users at once, each under the URL that `url` returns. Returns how many users
/// list an endpoint afterwards, and how many are reached.
async fn race(url: impl Fn(&str) -> String) -> (usize, usize) {
    let host = Host::new().await;
    let store = Yielding::sharing(Arc::clone(&host.store));
    let challenges = service(store, quiet(), host.clock.clone(), ()).await;
    let users = ["alice", "bob", "alice", "carol"];
    let mut racers = Vec::new();
    for user in users {
        let (challenges, url) = (challenges.clone(), url(user));
        racers.push(tokio::spawn(async move { register(&challenges, user, &url).await }));
    }
    for racer in racers {
        racer.await.unwrap().unwrap();
    }
    let mut holders = 0;
    for user in ["alice", "bob", "carol"] {
        holders += listed(&host, user).await.len();
        ask(&host, user).await;
    }
    (holders, reached(&host).await.len())
}

#[tokio::test]
async fn one_of_concurrent_registrations_has_the_subscription() {
    for _ in 0..50 {
        assert_eq!(race(|_| URL.to_owned()).await, (1, 1));
        let apart = race(|user| format!("https://push.example/{user}")).await;
        assert_eq!(apart, (3, 3), "control: other subscriptions are independent");
    }
}

/// Registrations and deletions at once leave a subscription that can be registered and used.
#[tokio::test]
async fn concurrent_deletion_leaves_a_usable_subscription() {
    for _ in 0..50 {
        let host = Host::new().await;
        let id = register(&host.challenges, "alice", URL).await.unwrap().id();
        let store = Yielding::sharing(Arc::clone(&host.store));
        let challenges = service(store, quiet(), host.clock.clone(), ()).await;
        let deleting = challenges.clone();
        let deletion =
            tokio::spawn(async move { deleting.endpoints().delete(&owner("alice"), &administrator(), id).await });
        let registration = tokio::spawn(async move { register(&challenges, "alice", URL).await });
        let _ = deletion.await.unwrap();
        registration.await.unwrap().unwrap();
        let left = listed(&host, "alice").await.len();
        ask(&host, "alice").await;
        assert_eq!(reached(&host).await.len(), left, "a listed subscription receives messages");
    }
}

/// An endpoint that never receives a message is not stored.
#[tokio::test]
async fn push_service_that_is_never_reached_is_refused() {
    #[derive(Debug)]
    struct Loopback;
    impl PushServices for Loopback {
        fn admits(&self, endpoint: &str) -> bool {
            endpoint.starts_with("https://127.0.0.1:8443/")
        }
    }
    let host = Host::new().await;
    for url in ["https://127.0.0.1:8443/1", "https://10.0.0.1/1", "https://[::1]/1", "https://localhost/1"] {
        let refused = register(&host.challenges, "alice", url).await;
        assert!(matches!(refused, Err(Error::Invalid(Invalid::PushService))), "{url}: {refused:?}");
        let address = Address::Push(subscription(url));
        let refused = host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await;
        assert!(matches!(refused, Err(Error::Invalid(Invalid::PushService))), "{url}: {refused:?}");
    }
    assert!(host.records(Kind::Endpoint).await.is_empty() && host.records(Kind::Reservation).await.is_empty());
    register(&host.challenges, "alice", URL).await.unwrap();

    let builder = Challenges::builder(host.store.clone(), KEYS.parse().unwrap()).push_services(Loopback);
    let wider = builder.clock(host.clock.clone()).build().await.unwrap();
    register(&wider, "alice", "https://127.0.0.1:8443/1").await.unwrap();
    assert!(register(&wider, "alice", URL).await.is_err(), "the setting replaces the default");
}

/// R67: a browser that replaced its subscription needs no grant, and shows the old URL instead. Control: the rows that
/// name another URL, another user, or a subscription that the user disabled.
#[tokio::test]
async fn replaced_subscription_needs_the_old_url() {
    for (user, replaced, enabled, renewed) in [
        ("alice", "https://push.example/1", true, true),
        ("alice", "https://push.example/2", true, false),
        ("bob", "https://push.example/1", true, false),
        ("alice", "https://push.example/1", false, false),
    ] {
        let host = Host::new().await;
        let endpoints = host.challenges.endpoints();
        let old = register(&host.challenges, "alice", "https://push.example/1").await.unwrap();
        endpoints.set_enabled(&owner("alice"), &administrator(), old.id(), enabled).await.unwrap();
        let before = host.dump().await;
        let new = endpoints.renew_push(&owner(user), replaced, subscription("https://push.example/3")).await;
        if !renewed {
            assert!(matches!(new, Err(Error::NotFound)), "{new:?}");
            assert_eq!(host.dump().await, before);
            continue;
        }
        let new = new.unwrap();
        assert_eq!(listed(&host, "alice").await, [new.id()]);
        assert_eq!(endpoints.address(&new).unwrap(), Address::Push(subscription("https://push.example/3")));
        ask(&host, "alice").await;
        assert_eq!(reached(&host).await, ["alice"]);
        let again = subscription("https://push.example/3");
        endpoints.renew_push(&owner("alice"), "https://push.example/3", again).await.unwrap();
        assert_eq!(listed(&host, "alice").await, [new.id()], "the same URL with new keys");
    }
}

/// R67, R69: a renewal under another spelling of the same URL does not delete the renewed subscription, the user's only factor.
#[tokio::test]
async fn renewal_by_another_spelling_keeps_the_factor() {
    for spelling in ["https://PUSH.example/1", "https://push.example:443/1", "https://push.example/./1"] {
        let host = Host::new().await;
        let old = register(&host.challenges, "alice", "https://push.example/1").await.unwrap();
        let endpoints = host.challenges.endpoints();
        let renewed = endpoints.renew_push(&owner("alice"), spelling, subscription("https://push.example/1")).await;
        assert_eq!(renewed.unwrap().id(), old.id(), "{spelling}");
        assert_eq!(listed(&host, "alice").await, [old.id()], "{spelling}");
        ask(&host, "alice").await;
        assert_eq!(reached(&host).await, ["alice"]);
        let other = endpoints.renew_push(&owner("alice"), spelling, subscription("https://push.example/2")).await;
        assert_eq!(listed(&host, "alice").await, [other.unwrap().id()], "control: another URL, {spelling}");
    }
}

/// R67: renewals at once replace the subscription once, so no browser is added beside the user's, and none is lost.
#[tokio::test]
async fn concurrent_renewals_leave_one_subscription() {
    const URLS: [&str; 4] =
        ["https://push.example/1", "https://push.example/2", "https://push.example/3", "https://push.example/4"];
    for renewals in [vec![(0, 1), (0, 2), (0, 3)], vec![(0, 1), (1, 0), (1, 2), (0, 3)], vec![(0, 1), (1, 0), (0, 1)]] {
        for _ in 0..20 {
            let host = Host::new().await;
            register(&host.challenges, "alice", URLS[0]).await.unwrap();
            let store = Yielding::sharing(Arc::clone(&host.store));
            let challenges = service(store, quiet(), host.clock.clone(), ()).await;
            let racers = renewals.iter().map(|&(replaced, new)| {
                let challenges = challenges.clone();
                tokio::spawn(async move {
                    let new = subscription(URLS[new]);
                    challenges.endpoints().renew_push(&owner("alice"), URLS[replaced], new).await
                })
            });
            let racers: Vec<_> = racers.collect();
            let mut renewed = 0;
            for racer in racers {
                renewed += usize::from(racer.await.unwrap().is_ok());
            }
            assert!(renewed > 0, "control: {renewals:?}");
            assert_eq!(listed(&host, "alice").await.len(), 1, "{renewals:?}: {renewed} renewed");
            assert!(host.challenges.account(&owner("alice")).status().await.unwrap().has_factor());
            ask(&host, "alice").await;
            assert_eq!(reached(&host).await.len(), 1, "the subscription receives messages");
        }
    }
}

/// Alice's browser signs out while it renews its subscription to [`URL`], so that the renewal is refused after it has
/// reserved the new subscription.
async fn refused_renewal(host: &Host) {
    const OLD: &str = "https://push.example/signs-out";
    register(&host.challenges, "alice", OLD).await.unwrap();
    let challenges = host.challenges.clone();
    let signs_out = async move { challenges.endpoints().forget_push(&owner("alice"), OLD).await.unwrap() };
    let store = Interrupted::new(host.store.clone(), signs_out);
    let racing = service(store, quiet(), host.clock.clone(), ()).await;
    let renewed = racing.endpoints().renew_push(&owner("alice"), OLD, subscription(URL)).await;
    assert!(matches!(renewed, Err(Error::NotFound)), "{renewed:?}");
}

/// R62: a refused registration gives the reservation back to the user who had it, whether or not the other user has an
/// endpoint with the subscription too.
#[tokio::test]
async fn refused_registration_returns_the_reservation() {
    for is_shared in [false, true] {
        let host = Host::new().await;
        if is_shared {
            register(&host.challenges, "alice", URL).await.unwrap();
        }
        // The third commit would delete alice's endpoint.
        register(&crashing_at(3, &host).await, "bob", URL).await.unwrap();
        assert_eq!(listed(&host, "alice").await.len(), usize::from(is_shared));
        refused_renewal(&host).await;
        ask(&host, "bob").await;
        assert_eq!(reached(&host).await, ["bob"]);
    }
}

/// R62: a reservation is not given to an endpoint that was never stored: the message would delete the stored one.
#[tokio::test]
async fn refused_registration_keeps_the_stored_endpoint() {
    let host = Host::new().await;
    // A registration that meets another one, and crashes after its reservation.
    let challenges = host.challenges.clone();
    let meanwhile = async move { drop(register(&challenges, "alice", URL).await.unwrap()) };
    let flaky = Flaky::sharing(host.store.clone());
    let racing = service(Interrupted::new(Arc::new(flaky.clone()), meanwhile), quiet(), host.clock.clone(), ()).await;
    let mut commits = 0;
    flaky.fail_when(move |call| {
        commits += usize::from(call.method == Method::Commit);
        // The first commit meets the other registration.
        (commits >= 3).then_some(Fault::Before)
    });
    register(&racing, "alice", URL).await.unwrap_err();
    let stored = listed(&host, "alice").await;
    assert_eq!(stored.len(), 1);
    refused_renewal(&host).await;
    ask(&host, "alice").await;
    assert_eq!((reached(&host).await, listed(&host, "alice").await), (vec!["alice".to_owned()], stored));
}

/// A browser renews at the cap of the policy, and a refused renewal leaves the reservation of the other subscription.
#[tokio::test]
async fn renewal_works_at_the_cap() {
    let mut policy = quiet();
    policy.endpoints = 2;
    let host = Host::with_policy(policy).await;
    for url in ["https://push.example/1", "https://push.example/2"] {
        register(&host.challenges, "alice", url).await.unwrap();
    }
    let endpoints = host.challenges.endpoints();
    let more = register(&host.challenges, "alice", "https://push.example/3").await;
    assert!(matches!(more, Err(Error::Invalid(Invalid::TooMany { .. }))), "control: {more:?}");
    let new = subscription("https://push.example/3");
    endpoints.renew_push(&owner("alice"), "https://push.example/1", new).await.unwrap();
    assert_eq!(listed(&host, "alice").await.len(), 2);
    let alice = owner("alice");
    let late = endpoints.renew_push(&alice, "https://push.example/1", subscription("https://push.example/2"));
    assert!(matches!(late.await, Err(Error::NotFound)));
    ask(&host, "alice").await;
    assert_eq!(reached(&host).await.len(), 2);
}
