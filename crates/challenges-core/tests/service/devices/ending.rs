//! The ends of devices: every change of the factors, and every reset.

use std::time::Duration;

use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::import::Row;
use challenges_core::outbox::Retry;
use challenges_core::{ChallengeSpec, ChallengeType, EndpointId, Factor, Secret};
use challenges_testkit::{Authenticator, Interrupted, administrator};

use super::{USED, check, host, listed, policy, trust};
use crate::courier::{Scripted, Step, What};
use crate::harness::{Host, Seen, owner, passed, service};

const PUSH: &str = "https://push.example/1";
const SECOND: &str = "https://push.example/second";

fn subscription() -> PushSubscription {
    PushSubscription::new(PUSH, &"A".repeat(87), &"A".repeat(22)).unwrap()
}

fn other_keys() -> PushSubscription {
    PushSubscription::new(PUSH, &"A".repeat(87), &format!("{}A", "B".repeat(21))).unwrap()
}

async fn push(host: &Host, user: &str) -> EndpointId {
    host.challenges.endpoints().register_push(owner(user), &administrator(), subscription()).await.unwrap().id()
}

async fn phone(host: &Host, number: &str) -> EndpointId {
    let address = Address::Phone(number.parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap().id()
}

/// Returns a row with one of several seeds of another system.
fn seed(number: u8) -> Row {
    serde_json::json!({ "totp": { "secret_hex": format!("{number:040x}") } }).try_into().unwrap()
}

/// The things that a user has when a device is trusted.
struct Before {
    pending: challenges_core::EnrollmentId,
    app: Authenticator,
    completed: challenges_core::EnrollmentId,
    unconfirmed: EndpointId,
    code: Secret,
    number: EndpointId,
    browser: EndpointId,
}

async fn before(host: &Host) -> Before {
    let alice = owner("alice");
    let (completed, _) = host.enroll("alice").await;
    let (enrollment, key) = host.challenges.totp().create(alice.clone(), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let entered = "+15551234567".parse().unwrap();
    let unconfirmed =
        host.challenges.endpoints().register_phone(alice.clone(), &administrator(), entered).await.unwrap().id();
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    let code = courier.done().into_iter().find_map(|effect| match effect.what {
        What::Code { code, .. } => Some(Secret::from(code)),
        _ => None,
    });
    host.challenges.recovery_codes().generate(&alice, &administrator()).await.unwrap();
    host.challenges.account(&alice).import(&administrator(), &seed(1)).await.unwrap();
    let second = PushSubscription::new(SECOND, &"A".repeat(87), &"A".repeat(22)).unwrap();
    host.challenges.endpoints().register_push(alice.clone(), &administrator(), second).await.unwrap();
    let (number, browser) = (phone(host, "+4915112345678").await, push(host, "alice").await);
    Before { pending: enrollment.id(), app, completed, unconfirmed, code: code.unwrap(), number, browser }
}

/// The rows of the table: a name, and whether the change ends the devices.
const CHANGES: [(&str, bool); 34] = [
    ("nothing", false),
    ("challenge passed", false),
    ("enrollment created", false),
    ("enrollment completed", true),
    ("enrollment answered wrong", false),
    ("pending enrollment deleted", false),
    ("completed enrollment deleted", true),
    ("number registered", false),
    ("number confirmed", true),
    ("unconfirmed number deleted", false),
    ("number vouched for", true),
    ("number vouched for again", false),
    ("number disabled", true),
    ("number enabled", false),
    ("number deleted", true),
    ("browser registered", true),
    ("browser registered again", false),
    ("browser deleted", true),
    ("browser signed out", true),
    ("browser renewed", true),
    ("browser renewed with equal keys", false),
    ("browser renewed with other keys", true),
    ("browser renewed to a registered one", true),
    ("browser registered with other keys", true),
    ("browser taken over", true),
    ("browser gone", true),
    ("factor imported", true),
    ("factor imported again", false),
    ("factor imported in a dry run", false),
    ("recovery codes generated", true),
    ("recovery codes deleted", true),
    ("unlocked", true),
    ("factor reset", true),
    ("all devices revoked", true),
];

async fn change(host: &Host, name: &str, before: &Before) {
    let challenges = &host.challenges;
    let (alice, endpoints, totp) = (owner("alice"), challenges.endpoints(), challenges.totp());
    match name {
        "nothing" => {}
        "challenge passed" => drop(super::pass(challenges, "alice", Some("login")).await),
        "enrollment created" => drop(totp.create(alice, &administrator()).await.unwrap()),
        "enrollment completed" => {
            let code = before.app.code(host.now()).into();
            totp.confirm(&alice, &administrator(), before.pending, &code).await.unwrap();
        }
        "enrollment answered wrong" => {
            let code = before.app.wrong_code(host.now(), 0).into();
            totp.confirm(&alice, &administrator(), before.pending, &code).await.unwrap_err();
        }
        "pending enrollment deleted" => totp.delete(&alice, &administrator(), before.pending).await.unwrap(),
        "completed enrollment deleted" => totp.delete(&alice, &administrator(), before.completed).await.unwrap(),
        "number registered" => {
            endpoints.register_phone(alice, &administrator(), "+15557654321".parse().unwrap()).await.unwrap();
        }
        "number confirmed" => {
            endpoints.confirm(&alice, &administrator(), before.unconfirmed, &before.code).await.unwrap();
        }
        "unconfirmed number deleted" => endpoints.delete(&alice, &administrator(), before.unconfirmed).await.unwrap(),
        "number vouched for" => drop(phone(host, "+15551234567").await),
        "number vouched for again" => drop(phone(host, "+4915112345678").await),
        "number disabled" => drop(endpoints.set_enabled(&alice, &administrator(), before.number, false).await.unwrap()),
        "number enabled" => drop(endpoints.set_enabled(&alice, &administrator(), before.number, true).await.unwrap()),
        "number deleted" => endpoints.delete(&alice, &administrator(), before.number).await.unwrap(),
        "browser registered" => {
            let other = PushSubscription::new("https://push.example/2", &"A".repeat(87), &"A".repeat(22)).unwrap();
            endpoints.register_push(alice, &administrator(), other).await.unwrap();
        }
        "browser registered again" => drop(push(host, "alice").await),
        "browser deleted" => endpoints.delete(&alice, &administrator(), before.browser).await.unwrap(),
        "browser signed out" => endpoints.forget_push(&alice, PUSH).await.unwrap(),
        "browser renewed" => {
            let new = PushSubscription::new("https://push.example/2", &"A".repeat(87), &"A".repeat(22)).unwrap();
            endpoints.renew_push(&alice, PUSH, new).await.unwrap();
        }
        "browser renewed with equal keys" => drop(endpoints.renew_push(&alice, PUSH, subscription()).await.unwrap()),
        "browser renewed with other keys" => drop(endpoints.renew_push(&alice, PUSH, other_keys()).await.unwrap()),
        "browser renewed to a registered one" => {
            endpoints.renew_push(&alice, SECOND, subscription()).await.unwrap();
        }
        "browser registered with other keys" => {
            endpoints.register_push(alice, &administrator(), other_keys()).await.unwrap();
        }
        "browser taken over" => drop(push(host, "bob").await),
        "browser gone" => {
            let spec = ChallengeSpec::new(ChallengeType::WebPush).unwrap();
            let _ = challenges.create(alice, spec).await.unwrap();
            let courier = Scripted::new(&host.clock, [Step::Fail(Retry::AddressGone)]);
            challenges.outbox().dispatch(&courier, 10).await.unwrap();
        }
        "factor imported" => {
            assert!(challenges.account(&alice).import(&administrator(), &seed(2)).await.unwrap().is_new)
        }
        "factor imported again" => {
            assert!(!challenges.account(&alice).import(&administrator(), &seed(1)).await.unwrap().is_new)
        }
        "factor imported in a dry run" => drop(challenges.account(&alice).import_dry_run(&seed(2)).await.unwrap()),
        "recovery codes generated" => {
            drop(challenges.recovery_codes().generate(&alice, &administrator()).await.unwrap())
        }
        "recovery codes deleted" => challenges.recovery_codes().delete(&alice, &administrator()).await.unwrap(),
        "unlocked" => challenges.account(&alice).unlock(&administrator()).await.unwrap(),
        "factor reset" => challenges.account(&alice).reset_factor(&administrator(), Factor::Totp).await.unwrap(),
        "all devices revoked" => challenges.devices().revoke_all(&alice, &administrator()).await.unwrap(),
        other => panic!("{other}"),
    }
}

/// R70: every change of the factors and every reset ends all devices of the user, for good. Controls: other changes do
/// not, and no change ends the devices of another user.
#[tokio::test]
async fn every_change_of_factors_ends_all_devices() {
    for (name, ends) in CHANGES {
        let host = host().await;
        let before = before(&host).await;
        let (_, mut cookie) = trust(&host.challenges, "alice").await;
        let mut others = trust(&host.challenges, "carol").await.1;
        host.next_step();
        change(&host, name, &before).await;
        let expected = match (ends, name) {
            (false, _) => USED,
            (true, "all devices revoked") => Seen::Device("device_gone"),
            (true, _) => Seen::Device("factors_changed"),
        };
        // The records of counters that keep nothing are swept; an ended device never returns.
        for day in 0..29 {
            host.seen.take();
            let checked = check(&host.challenges, &cookie).await;
            assert_eq!((checked.is_some(), host.seen.take()), (!ends, vec![expected]), "{name}, day {day}");
            assert_eq!(listed(&host.challenges, "alice").await, usize::from(!ends), "{name}, day {day}");
            cookie = checked.unwrap_or(cookie);
            others = super::check_as(&host.challenges, &owner("carol"), &others, "login").await.unwrap();
            host.clock.advance(Duration::from_secs(86_400));
            host.challenges.sweep(10_000).await.unwrap();
        }
    }
}

/// R70: a device trusted after the change is not ended by it, and revives none.
#[tokio::test]
async fn ended_device_does_not_return_with_a_new_one() {
    let host = host().await;
    let (_, ended) = trust(&host.challenges, "alice").await;
    host.challenges.account(&owner("alice")).unlock(&administrator()).await.unwrap();
    let (_, new) = trust(&host.challenges, "alice").await;
    assert_eq!(check(&host.challenges, &ended).await, None);
    assert!(check(&host.challenges, &new).await.is_some());
    assert_eq!(listed(&host.challenges, "alice").await, 1);
}

/// R70: a change of the factors between the load and the commit of a check wins.
#[tokio::test]
async fn change_during_a_check_ends_the_device() {
    for changed in [false, true] {
        let host = host().await;
        let (_, cookie) = trust(&host.challenges, "alice").await;
        let challenges = host.challenges.clone();
        let meanwhile = async move {
            if changed {
                challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
            }
        };
        let store = Interrupted::new(host.store.clone(), meanwhile);
        let racing = service(store, policy(), host.clock.clone(), ()).await;
        assert_eq!(check(&racing, &cookie).await.is_some(), !changed, "control: a check alone is trusted");
    }
}

/// R70: a device replaces no first factor and answers no challenge.
#[tokio::test]
async fn cookie_answers_no_challenge() {
    let host = host().await;
    host.enroll("alice").await;
    let (_, cookie) = trust(&host.challenges, "alice").await;
    for kind in [ChallengeType::Code, ChallengeType::Totp] {
        let id = host.create("alice", kind).await.challenge.id();
        assert!(!passed(host.answer(id, kind, &cookie).await));
    }
    assert!(check(&host.challenges, &cookie).await.is_some(), "control");
}
